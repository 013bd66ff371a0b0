/** What all charts have in common: uPlot asks for colours while it draws, so that the theme decides. */
import type uPlot from "uplot";

export const AXIS_PX = 48;

export function colorIn(element: HTMLElement): (name: string) => () => string {
  return (name) => () => getComputedStyle(element).getPropertyValue(name).trim();
}

export function axisIn(element: HTMLElement): uPlot.Axis {
  return {
    stroke: colorIn(element)("--of-dim"),
    font: '12px "Inter Variable", system-ui, sans-serif',
    ticks: { show: false },
  };
}
