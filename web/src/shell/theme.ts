import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef2ff",
  "#e0e7ff",
  "#c7d2fe",
  "#a5b4fc",
  "#818cf8",
  "#6366f1",
  "#4f46e5",
  "#4338ca",
  "#3730a3",
  "#312e81",
];

/** Cool, as our greys are: inputs and what floats stand on these in the dark. */
const dark: MantineColorsTuple = [
  "#c9cdd6",
  "#b4bac6",
  "#9aa1af",
  "#7c8391",
  "#3d434e",
  "#2e333c",
  "#191c21",
  "#15181c",
  "#111317",
  "#0c0e11",
];

/** Mantine with our type, steps of four, small corners, and no shadow but for what floats. */
export const theme = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: "var(--of-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  colors: { indigo, dark },
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 4 },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** White on it has a contrast of 5, and it one of 3.7 on the ground. */
const DARK_FILLED = {
  "--mantine-color-indigo-filled": "#5b5be8",
  "--mantine-color-indigo-filled-hover": "#4f46e5",
};

/** Mantine's own surfaces and weights follow ours, so that a colour is written in one place only. */
export const resolveVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-font-weight-medium": "550",
    "--mantine-font-weight-bold": "550",
    "--mantine-color-body": "var(--of-ground)",
    "--mantine-color-text": "var(--of-text)",
    "--mantine-color-dimmed": "var(--of-dim)",
    "--mantine-color-default": "var(--of-ground)",
    "--mantine-color-default-hover": "var(--of-sunken)",
    "--mantine-color-default-color": "var(--of-text)",
    "--mantine-color-default-border": "var(--of-line)",
    "--mantine-color-placeholder": "var(--of-dim)",
    "--mantine-color-error": "var(--of-bad)",
    "--mantine-color-red-text": "var(--of-bad)",
    "--mantine-color-red-outline": "var(--of-bad)",
    "--mantine-color-red-light-color": "var(--of-bad)",
    // White on these is read well in both themes (WCAG AA); Mantine's own shades of them are too light for it.
    "--mantine-color-red-filled": "#c92a2a",
    "--mantine-color-red-filled-hover": "#b02525",
  };
  return { variables: {}, light: shared, dark: { ...shared, ...DARK_FILLED } };
};
