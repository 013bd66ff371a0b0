import { Button, NativeSelect } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { EventMapping } from "../../../api/schema";
import { IconButton } from "../../../components/IconButton";
import { OrderedList } from "../../../components/OrderedList";
import { moved, replaced, without } from "../../../components/ordered";
import { Suggested } from "../../../components/Suggested";
import { EventProperties } from "./EventProperties";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";

/** Events that go under another name, or with other properties; every other event goes as it is. */
export function EventRows({ editing }: { editing: Editing }) {
  const { draft, change, names, problems } = editing;
  const rows = draft.event_mappings;
  const set = (event_mappings: EventMapping[]) => change({ ...draft, event_mappings });
  return (
    <>
      <p className={classes.dim}>
        {rows.length === 0
          ? "Events go under their own names, with all their properties."
          : "Events without a row go as they are. * is the row of all others."}
      </p>
      <OrderedList
        items={rows}
        nameOf={(_, place) => `event ${place + 1}`}
        onMove={(from, to) => set(moved(rows, from, to))}
      >
        {(row, place) => {
          const name = `event ${place + 1}`;
          const put = (changed: EventMapping) => set(replaced(rows, place, changed));
          return (
            <div className={classes.row}>
              <div className={classes.filled}>
                <Suggested
                  size="xs"
                  className={classes.target}
                  aria-label={`Our event, ${name}`}
                  placeholder="Event, or * for all others"
                  suggestions={[...names.events, "page", "screen", "*"]}
                  value={row.event}
                  error={problemAt(problems, `event_mappings.${place}.event`)}
                  onChange={(event) => put({ ...row, event })}
                />
                <span className={classes.dim}>goes as</span>
                <Suggested
                  size="xs"
                  className={classes.target}
                  aria-label={`Name there, ${name}`}
                  placeholder="the same name"
                  suggestions={[]}
                  value={row.name}
                  error={problemAt(problems, `event_mappings.${place}.name`)}
                  onChange={(changed) => put({ ...row, name: changed })}
                />
                <NativeSelect
                  size="xs"
                  aria-label={`Other properties, ${name}`}
                  data={[
                    { value: "keep", label: "with all other properties" },
                    { value: "leave_out", label: "with these properties alone" },
                  ]}
                  value={row.others ?? "keep"}
                  onChange={(event) =>
                    put({ ...row, others: event.currentTarget.value as "keep" | "leave_out" })
                  }
                />
                <IconButton label={`Remove ${name}`} onClick={() => set(without(rows, place))}>
                  <IconX size={16} stroke={1.6} />
                </IconButton>
              </div>
              <EventProperties
                properties={row.properties ?? {}}
                name={name}
                error={problemAt(problems, `event_mappings.${place}.properties`)}
                onChange={(properties) => put({ ...row, properties })}
              />
            </div>
          );
        }}
      </OrderedList>
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="xs"
          onClick={() => set([...rows, { event: "", name: "", properties: {}, others: "keep" }])}
        >
          Add event
        </Button>
      </div>
    </>
  );
}
