import type { Right } from "../api/schema";

export interface Action {
  /** A verb with its object. */
  name: string;
  href: string;
  /** Who lacks it is not offered the action. */
  right?: Right;
}

/** What can be begun from anywhere; a page that brings an action adds it here. */
export const ACTIONS: readonly Action[] = [
  { name: "Make a source", href: "/sources", right: "connect" },
  { name: "Find a person", href: "/profiles", right: "personal" },
  { name: "Create a segment", href: "/segments/new", right: "segment" },
  { name: "Connect a destination", href: "/connections?add=", right: "connect" },
  { name: "Say what identifies people", href: "/settings?tab=identity", right: "connect" },
  { name: "Watch events arrive", href: "/events", right: "personal" },
  { name: "Invite a teammate", href: "/settings?tab=team", right: "administer" },
  { name: "Make a token", href: "/settings?tab=tokens", right: "administer" },
  { name: "See who changed what", href: "/settings?tab=audit", right: "administer" },
];
