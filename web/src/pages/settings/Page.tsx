import { PageFrame } from "../../components/PageFrame";
import { PageTabs } from "../../components/PageTabs";
import { About } from "./About";
import { Audit } from "./Audit";
import { Mail } from "./Mail";
import { Retention } from "./Retention";
import { Team } from "./Team";
import { Tokens } from "./Tokens";

const TABS = [
  { id: "team", title: "Team", show: () => <Team /> },
  { id: "tokens", title: "Tokens", show: () => <Tokens /> },
  { id: "audit", title: "Audit trail", show: () => <Audit /> },
  { id: "retention", title: "Retention", show: () => <Retention /> },
  { id: "mail", title: "E-mail", show: () => <Mail /> },
  { id: "about", title: "About", show: () => <About /> },
];

/** Who may do what, and what did they do? */
export default function Page() {
  return (
    <PageFrame
      title="Settings"
      meaning="Who may do what, what they did, and how this server is set."
    >
      <PageTabs tabs={TABS} first="team" />
    </PageFrame>
  );
}
