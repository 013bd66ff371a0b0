import type { Role } from "../../api/flow";
import { Section } from "../../components/Section";
import { Status, type Tone } from "../../components/Status";
import { Since } from "../../components/Time";
import classes from "./overview.module.css";

const WORDS: Record<Role["status"], { word: string; tone: Tone }> = {
  running: { word: "Running", tone: "ok" },
  starting: { word: "Starting", tone: "warn" },
  down: { word: "Down", tone: "bad" },
};

/** The roles of the server and how long each has been as it is. */
export function RoleTable({ roles, now }: { roles: Role[]; now: string }) {
  return (
    <Section title="Roles">
      <table className={classes.table}>
        <thead className={classes.hidden}>
          <tr>
            <th scope="col">Role</th>
            <th scope="col">Status</th>
            <th scope="col">For</th>
          </tr>
        </thead>
        <tbody>
          {roles.map((role) => (
            <tr key={role.role}>
              <th scope="row">{role.role}</th>
              <td>
                <Status {...WORDS[role.status]} />
              </td>
              <td className={classes.number}>
                <Since at={role.since} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
