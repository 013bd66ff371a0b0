import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { ApiError, getJson } from "../../api/client";
import type { CatalogueView, SegmentView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { PageFrame } from "../../components/PageFrame";
import { Problem } from "../../components/Problem";
import { quoted } from "../../components/value";
import classes from "./builder.module.css";
import { DraftLeft } from "./DraftLeft";
import { NamesContext, NO_NAMES } from "./names";
import { PreviewPanel } from "./PreviewPanel";
import { RuleCode, readJson } from "./RuleCode";
import { RuleGroup } from "./RuleGroup";
import { conditionOf, countLeaves, type Group, isFinished, newGroup, ruleOf } from "./rule";
import { UsedBy } from "./UsedBy";
import { type Draft, useDraft } from "./useDraft";

const PATH = "/api/v1/segments";

/** What is edited: the words, the rule, and the rule's text while it is edited as code. */
interface Work {
  name: string;
  description: string;
  rule: Group;
  /** Null: the sentence is edited. */
  code: string | null;
}

/** Who shall be in, and what changes by it? A new segment, or one that is kept. */
export function Editor({ segment }: { segment?: SegmentView }) {
  const id = segment ? String(segment.id) : "";
  const [begun, setBegun] = useState(segment);
  const [work, setWork] = useState<Work>(() => workOf(segment));
  const [params, setParams] = useSearchParams();
  const isCode = params.get("as") === "code";
  const draft = useDraft(id || "new");
  const [, go] = useLocation();
  const change = useChange<SegmentView>();
  const names = useNamesBut(id);
  const json = useMemo(() => JSON.stringify(conditionOf(work.rule)), [work.rule]);
  const isReady =
    isFinished(work.rule) && (work.code === null || readJson(work.code) !== undefined);

  /** What is typed is kept at once: nobody knows when a session or a tab ends. */
  function set(changed: Partial<Work>) {
    const next = { ...work, ...changed };
    setWork(next);
    const { name, description, rule } = next;
    draft.keep({ name, description, condition: conditionOf(rule) });
  }

  function edit(isAsCode: boolean) {
    setParams(
      (before) => {
        if (isAsCode) before.set("as", "code");
        else before.delete("as");
        return before;
      },
      { replace: true },
    );
    setWork({ ...work, code: isAsCode ? laidOut(work.rule) : null });
  }

  function save(ifMatch: string | undefined) {
    const isSame = begun && json === JSON.stringify(conditionOf(ruleOf(begun.condition)));
    const body = {
      name: work.name.trim(),
      description: work.description,
      ...(isSame ? {} : { condition: JSON.parse(json) as unknown }),
    };
    change.mutate(
      {
        method: id ? "PATCH" : "POST",
        path: id ? `${PATH}/${id}` : PATH,
        body,
        ifMatch,
        said: `${body.name} is saved.`,
      },
      {
        onSuccess: (kept) => {
          draft.forget();
          go(`/segments/${kept.id}`);
        },
      },
    );
  }

  function take({ name, description, condition }: Draft) {
    const rule = ruleOf(condition);
    set({ name, description, rule, code: isCode ? laidOut(rule) : null });
    draft.dismiss();
  }

  async function takeTheirs() {
    const theirs = await getJson<SegmentView>(`${PATH}/${id}`);
    setBegun(theirs);
    setWork({ ...workOf(theirs), code: isCode ? laidOut(ruleOf(theirs.condition)) : null });
    draft.forget();
    change.reset();
  }

  const isConflict =
    change.error instanceof ApiError && change.error.code === "api.changed_meanwhile";
  const code = work.code ?? (isCode ? laidOut(work.rule) : null);
  return (
    <NamesContext.Provider value={names}>
      <PageFrame
        title={segment ? `Edit ${segment.name}` : "New segment"}
        up={
          segment
            ? { href: `/segments/${id}`, name: segment.name }
            : { href: "/segments", name: "Segments" }
        }
        meaning="Whoever fulfils the rule is in it, from the moment they do until they no longer do."
        action={
          <>
            <span className={classes.dim}>
              {work.name.trim() ? (isReady ? "" : "Fill in what is marked") : "Give it a name"}
            </span>
            <Button
              size="sm"
              variant="default"
              component={Link}
              href={id ? `/segments/${id}` : "/segments"}
              onClick={draft.forget}
            >
              Cancel
            </Button>
            <Button
              size="sm"
              loading={change.isPending}
              disabled={!work.name.trim() || !isReady}
              onClick={() => save(begun?.revision)}
            >
              Save segment
            </Button>
          </>
        }
      >
        {draft.left ? (
          <DraftLeft draft={draft.left} onTake={take} onDiscard={draft.forget} />
        ) : null}
        {isConflict ? (
          <div className={classes.bar} role="alert">
            <span>Someone else changed this segment while you were editing it.</span>
            <Button size="xs" onClick={() => void takeTheirs()}>
              Take theirs
            </Button>
            <Button size="xs" variant="default" onClick={() => save(undefined)}>
              Save mine in its place
            </Button>
          </div>
        ) : (
          <Problem of={change.error} />
        )}
        <div className={classes.columns}>
          <div className={classes.form}>
            <div className={classes.fields}>
              <TextInput
                label="Name"
                value={work.name}
                placeholder="Gold buyers"
                maxLength={100}
                onChange={(event) => set({ name: event.currentTarget.value })}
              />
              <TextInput
                label="What it is for"
                value={work.description}
                maxLength={2000}
                onChange={(event) => set({ description: event.currentTarget.value })}
              />
            </div>
            <SegmentedControl
              className={classes.switch ?? ""}
              size="xs"
              aria-label="How the rule is shown"
              data={[
                { value: "words", label: "As a sentence" },
                { value: "code", label: "As code" },
              ]}
              value={isCode ? "code" : "words"}
              onChange={(chosen) => edit(chosen === "code")}
            />
            {code === null ? (
              <RuleGroup group={work.rule} onChange={(rule) => set({ rule })} />
            ) : (
              <RuleCode
                code={code}
                command={commandOf(id, work.name, json)}
                onChange={(typed, json) =>
                  set(json === undefined ? { code: typed } : { code: typed, rule: ruleOf(json) })
                }
              />
            )}
          </div>
          <aside className={`${classes.aside} ${classes.stack}`} aria-label="What it comes to">
            {countLeaves(work.rule) > 0 ? (
              <PreviewPanel condition={isReady ? json : null} segment={id} />
            ) : (
              <p className={classes.dim}>
                Add a condition, and you see here how many people fulfil it, and some of them.
              </p>
            )}
            {id ? <UsedBy id={id} /> : null}
          </aside>
        </div>
      </PageFrame>
    </NamesContext.Provider>
  );
}

function workOf(segment: SegmentView | undefined): Work {
  return {
    name: segment?.name ?? "",
    description: segment?.description ?? "",
    rule: segment ? ruleOf(segment.condition) : newGroup(),
    code: null,
  };
}

/** What occurs here, and the segments that can be asked about: all but the one that is edited. */
function useNamesBut(id: string) {
  const catalogue = useItem<CatalogueView>("/api/v1/catalogue").data;
  const segments = useListing<SegmentView>(PATH, {}, { on: ["config"] }).data;
  return useMemo(
    () => ({
      ...NO_NAMES,
      ...catalogue,
      segments: Object.fromEntries(
        (segments ?? [])
          .filter((one) => String(one.id) !== id)
          .map((one) => [String(one.id), one.name]),
      ),
    }),
    [catalogue, segments, id],
  );
}

function laidOut(rule: Group): string {
  return JSON.stringify(conditionOf(rule), null, 2);
}

/** What does the same on a command line. */
function commandOf(id: string, name: string, json: string): string {
  const does = id ? `update ${id} --name` : "create";
  return `onefold segments ${does} ${quoted(name.trim() || "NAME")} --condition ${quoted(json)}`;
}
