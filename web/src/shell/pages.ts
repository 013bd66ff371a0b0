import {
  IconActivity,
  IconAffiliate,
  IconBroadcast,
  IconFileImport,
  IconMailOff,
  IconPlugConnected,
  IconRun,
  IconSettings,
  IconTargetArrow,
  IconUser,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Right } from "../api/schema";
import { LazyCode } from "./LazyPage";

export interface PageEntry {
  path: string;
  name: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  Page: LazyCode;
  /** One thing of the page's list, at `path/:id`. */
  Detail?: LazyCode;
  /** A part of one thing, by the rest of its address behind `path/:id`. */
  parts?: Record<string, LazyCode>;
  /** Who lacks it does not see the page in the navigation. */
  right?: Right;
  /** Reached from elsewhere than the navigation. */
  isApart?: boolean;
}

/** Every page of the product; the navigation and the address bar know no other. */
export const PAGES: readonly PageEntry[] = [
  {
    path: "/",
    name: "Overview",
    icon: IconActivity,
    Page: new LazyCode(() => import("../pages/overview/Page")),
  },
  {
    path: "/sources",
    name: "Sources",
    icon: IconAffiliate,
    Page: new LazyCode(() => import("../pages/sources/Page")),
    Detail: new LazyCode(() => import("../pages/sources/Source")),
  },
  {
    path: "/events",
    name: "Live events",
    icon: IconBroadcast,
    Page: new LazyCode(() => import("../pages/events/Page")),
  },
  {
    path: "/profiles",
    name: "Profiles",
    icon: IconUsers,
    Page: new LazyCode(() => import("../pages/profiles/Page")),
    Detail: new LazyCode(() => import("../pages/profiles/Profile")),
  },
  {
    path: "/segments",
    name: "Segments",
    icon: IconTargetArrow,
    Page: new LazyCode(() => import("../pages/segments/Page")),
    Detail: new LazyCode(() => import("../pages/segments/Segment")),
  },
  {
    path: "/connections",
    name: "Connections",
    icon: IconPlugConnected,
    Page: new LazyCode(() => import("../pages/connections/Page")),
    Detail: new LazyCode(() => import("../pages/connections/Connection")),
    parts: {
      "goals/:goal": new LazyCode(() => import("../pages/connections/goal/Page")),
      "goals/:goal/try": new LazyCode(() => import("../pages/connections/try/Page")),
    },
  },
  {
    path: "/imports",
    name: "Imports",
    icon: IconFileImport,
    Page: new LazyCode(() => import("../pages/imports/Page")),
    Detail: new LazyCode(() => import("../pages/imports/Import")),
  },
  {
    path: "/runs",
    name: "Runs",
    icon: IconRun,
    Page: new LazyCode(() => import("../pages/runs/Page")),
    Detail: new LazyCode(() => import("../pages/runs/Run")),
  },
  {
    path: "/dead-letters",
    name: "Dead letters",
    icon: IconMailOff,
    Page: new LazyCode(() => import("../pages/dead-letters/Page")),
    Detail: new LazyCode(() => import("../pages/dead-letters/Letter")),
  },
  {
    path: "/settings",
    name: "Settings",
    icon: IconSettings,
    Page: new LazyCode(() => import("../pages/settings/Page")),
    right: "connect",
  },
  {
    path: "/account",
    name: "Your account",
    icon: IconUser,
    Page: new LazyCode(() => import("../pages/account/Page")),
    isApart: true,
  },
];

/** Fetches the code of the page at this address, if it is one of the navigation. */
export async function loadPage(path: string): Promise<void> {
  await PAGES.find((page) => page.path === path)?.Page.load();
}
