import { IconActivity } from "@tabler/icons-react";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

export interface PageEntry {
  path: string;
  name: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  Page: LazyExoticComponent<ComponentType>;
}

/** Every page of the product; the navigation and the address bar know no other. */
export const PAGES: readonly PageEntry[] = [
  {
    path: "/",
    name: "Overview",
    icon: IconActivity,
    Page: lazy(() => import("../pages/overview/Page")),
  },
];

export function findPage(path: string): PageEntry | undefined {
  return PAGES.find((page) => page.path === path);
}
