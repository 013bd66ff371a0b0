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
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Right } from "../api/schema";

type Lazy = LazyExoticComponent<ComponentType>;

export interface PageEntry {
  path: string;
  name: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  Page: Lazy;
  /** One thing of the page's list, at `path/:id`. */
  Detail?: Lazy;
  /** A part of one thing, by the rest of its address behind `path/:id`. */
  parts?: Record<string, Lazy>;
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
    Page: lazy(() => import("../pages/overview/Page")),
  },
  {
    path: "/sources",
    name: "Sources",
    icon: IconAffiliate,
    Page: lazy(() => import("../pages/sources/Page")),
    Detail: lazy(() => import("../pages/sources/Source")),
  },
  {
    path: "/events",
    name: "Live events",
    icon: IconBroadcast,
    Page: lazy(() => import("../pages/events/Page")),
  },
  {
    path: "/profiles",
    name: "Profiles",
    icon: IconUsers,
    Page: lazy(() => import("../pages/profiles/Page")),
    Detail: lazy(() => import("../pages/profiles/Profile")),
  },
  {
    path: "/segments",
    name: "Segments",
    icon: IconTargetArrow,
    Page: lazy(() => import("../pages/segments/Page")),
    Detail: lazy(() => import("../pages/segments/Segment")),
  },
  {
    path: "/connections",
    name: "Connections",
    icon: IconPlugConnected,
    Page: lazy(() => import("../pages/connections/Page")),
    Detail: lazy(() => import("../pages/connections/Connection")),
    parts: {
      "goals/:goal": lazy(() => import("../pages/connections/goal/Page")),
      "goals/:goal/try": lazy(() => import("../pages/connections/try/Page")),
    },
  },
  {
    path: "/imports",
    name: "Imports",
    icon: IconFileImport,
    Page: lazy(() => import("../pages/imports/Page")),
    Detail: lazy(() => import("../pages/imports/Import")),
  },
  {
    path: "/runs",
    name: "Runs",
    icon: IconRun,
    Page: lazy(() => import("../pages/runs/Page")),
    Detail: lazy(() => import("../pages/runs/Run")),
  },
  {
    path: "/dead-letters",
    name: "Dead letters",
    icon: IconMailOff,
    Page: lazy(() => import("../pages/dead-letters/Page")),
    Detail: lazy(() => import("../pages/dead-letters/Letter")),
  },
  {
    path: "/settings",
    name: "Settings",
    icon: IconSettings,
    Page: lazy(() => import("../pages/settings/Page")),
    right: "administer",
  },
  {
    path: "/account",
    name: "Your account",
    icon: IconUser,
    Page: lazy(() => import("../pages/account/Page")),
    isApart: true,
  },
];
