// In your own project, this is "express-authnz-ldap".
import { type Guard, requireGroup, requireLevel } from "../src/index.ts";
import { board } from "./pages/board.ts";
import { canteen } from "./pages/canteen.ts";
import type { Html } from "./pages/html.ts";
import { newsroom } from "./pages/newsroom.ts";
import { reports } from "./pages/reports.ts";

/** A part of the intranet, and who may see it. */
export interface Area {
  readonly path: string;
  readonly title: string;
  readonly summary: string;
  /** The guard's rule in words. */
  readonly condition: string;
  readonly guard: Guard;
  readonly content: Html;
}

export const AREAS: readonly Area[] = [
  {
    path: "/canteen",
    title: "Canteen",
    summary: "What there is to eat this week, and when it is quiet.",
    condition: "level 1 and above",
    guard: requireLevel(1),
    content: canteen,
  },
  {
    path: "/reports",
    title: "Project reports",
    summary: "Where our projects stand, and what they need.",
    condition: "level 2 and above",
    guard: requireLevel(2),
    content: reports,
  },
  {
    path: "/board",
    title: "Board papers",
    summary: "Agenda and papers for the next meeting.",
    condition: "level 3",
    guard: requireLevel(3),
    content: board,
  },
  {
    path: "/newsroom",
    title: "Newsroom",
    summary: "Drafts for the staff newsletter. At any level.",
    condition: "editors and admins",
    guard: requireGroup(
      "cn=editors,ou=Groups,dc=domain,dc=org",
      "cn=admins,ou=Groups,dc=domain,dc=org",
    ),
    content: newsroom,
  },
];
