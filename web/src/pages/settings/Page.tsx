import type { Right } from "../../api/schema";
import { useMe } from "../../api/useMe";
import { PageFrame } from "../../components/PageFrame";
import { type PageTab, PageTabs } from "../../components/PageTabs";
import { About } from "./About";
import { Audit } from "./Audit";
import { Identity } from "./Identity";
import { Mail } from "./Mail";
import { Retention } from "./Retention";
import { Team } from "./Team";
import { Tokens } from "./Tokens";

const TABS: (PageTab & { right?: Right })[] = [
  { id: "team", title: "Team", right: "administer", show: () => <Team /> },
  { id: "tokens", title: "Tokens", right: "administer", show: () => <Tokens /> },
  { id: "audit", title: "Audit trail", right: "administer", show: () => <Audit /> },
  { id: "identity", title: "Identity", show: () => <Identity /> },
  { id: "retention", title: "Retention", show: () => <Retention /> },
  { id: "mail", title: "E-mail", right: "administer", show: () => <Mail /> },
  { id: "about", title: "About", show: () => <About /> },
];

/** Who may do what, and what did they do? */
export default function Page() {
  const me = useMe();
  const tabs = TABS.filter(({ right }) => !right || !me || me.rights.includes(right));
  return (
    <PageFrame
      title="Settings"
      meaning="Who may do what, what they did, who is who, and how this server is set."
    >
      <PageTabs tabs={tabs} first={tabs[0]?.id ?? "identity"} />
    </PageFrame>
  );
}
