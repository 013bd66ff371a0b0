import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { Link, useParams } from "wouter";
import type { LetterDetail } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useMay } from "../../api/useMe";
import { AsCode } from "../../components/AsCode";
import { Facts } from "../../components/Facts";
import form from "../../components/form.module.css";
import { PageFrame } from "../../components/PageFrame";
import { Payload } from "../../components/Payload";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";

/** Why was it refused, and what can be done? */
export default function Letter() {
  const { id = "" } = useParams();
  const path = `/api/v1/dead-letters/${encodeURIComponent(id)}`;
  const letter = useItem<LetterDetail>(path, { on: ["config"] });
  return <Shown of={letter}>{(one) => <Details letter={one} path={path} />}</Shown>;
}

function Details({ letter, path }: { letter: LetterDetail; path: string }) {
  return (
    <PageFrame
      title={letter.code}
      up={{ href: "/dead-letters", name: "Dead letters" }}
      meaning={letter.reason}
      action={
        <AsCode
          name="this dead letter"
          commands={[["Show what this page shows", `onefold dead-letters show ${letter.id}`]]}
        />
      }
    >
      <Facts
        facts={{
          "What to do": letter.hint || null,
          Field: letter.field || null,
          Concerns: letter.subject || null,
          Where: letter.stage,
          When: <When at={letter.at} />,
          Person: letter.profile_id ? (
            <Link href={`/profiles/${letter.profile_id}`}>Person {letter.profile_id}</Link>
          ) : null,
          Connection: letter.connection_id ? (
            <Link href={`/connections/${letter.connection_id}`}>Show the connection</Link>
          ) : null,
          State: letter.decided_by ? `${letter.state} by ${letter.decided_by}` : letter.state,
          "Replayed as": letter.replayed_as || null,
        }}
      />
      {letter.answer ? <Payload title="The destination's answer" value={letter.answer} /> : null}
      <Section title="What was refused">
        {letter.state === "open" ? (
          <Decide letter={letter} path={path} />
        ) : (
          <Payload title="As it came" value={letter.payload} />
        )}
      </Section>
    </PageFrame>
  );
}

/** Mend the payload, send it on its way again, or give it up for good. */
function Decide({ letter, path }: { letter: LetterDetail; path: string }) {
  const mayOperate = useMay("operate");
  const change = useChange();
  const [text, setText] = useState(letter.payload);
  const isMended = text !== letter.payload;
  const canMend = letter.is_json && letter.stage !== "activate";
  if (!mayOperate) return <Payload title="As it came" value={letter.payload} />;

  function replay() {
    let payload: unknown;
    try {
      payload = JSON.parse(text);
    } catch {
      return;
    }
    const body = isMended ? { payload } : undefined;
    change.mutate({ method: "POST", path: `${path}/replay`, body });
  }

  return (
    <>
      {canMend ? (
        <Textarea
          aria-label="The payload; mend it here"
          autosize
          minRows={6}
          maxRows={24}
          value={text}
          error={isJson(text) ? null : "This is no JSON yet."}
          onChange={(event) => setText(event.currentTarget.value)}
          classNames={{ input: form.code ?? "" }}
          mb="sm"
        />
      ) : (
        <Payload title="As it came" value={letter.payload} />
      )}
      <Problem of={change.error} />
      <div className={form.buttons}>
        <Button
          size="sm"
          loading={change.isPending}
          disabled={canMend && !isJson(text)}
          onClick={
            canMend ? replay : () => change.mutate({ method: "POST", path: `${path}/replay` })
          }
        >
          {isMended ? "Replay the mended one" : "Replay"}
        </Button>
        <Button
          size="sm"
          variant="default"
          disabled={change.isPending}
          onClick={() => change.mutate({ method: "POST", path: `${path}/discard` })}
        >
          Discard
        </Button>
      </div>
    </>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
