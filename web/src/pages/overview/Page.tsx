import { useEffect } from "react";
import { useFlowHistory } from "../../api/useFlowHistory";
import { Notice } from "../../components/Notice";
import { findStage } from "../../live/steps";
import { type LiveView, useLiveFlow } from "../../live/useLiveFlow";
import { AttentionList } from "./AttentionList";
import { ConnectionTable } from "./ConnectionTable";
import { Header } from "./Header";
import { LostNotice, PausedNote } from "./notes";
import classes from "./overview.module.css";
import { People } from "./People";
import { Pipeline } from "./Pipeline";
import { RoleTable } from "./RoleTable";
import { SegmentTable } from "./SegmentTable";
import { Throughput } from "./Throughput";

/** Is everything flowing, and where do people stand? */
export default function Page() {
  const view = useLiveFlow();
  useEffect(() => {
    document.title = "Overview · Onefold";
  }, []);
  const { link, flow } = view.shown;
  if (!flow && link.kind === "reconnecting") {
    return <LostNotice link={link} retry={view.retryNow} />;
  }
  return <Overview view={view} />;
}

function Overview({ view }: { view: LiveView }) {
  const { flow, link, samples } = view.shown;
  const history = useFlowHistory(flow !== null);
  const isEmpty = flow !== null && findStage(flow, "capture")?.received === 0;
  return (
    <div className={classes.page} data-stale={link.kind === "reconnecting" || undefined}>
      <Header view={view} />
      {view.isPaused ? <PausedNote view={view} /> : null}
      <Pipeline flow={flow} samples={samples} />
      {isEmpty ? <FirstSource /> : <Throughput history={history} samples={samples} />}
      {flow ? (
        <>
          <AttentionList items={flow.attention} />
          <div className={classes.lower}>
            <div className={classes.stack}>
              <People total={flow.people.total} known={flow.people.known} />
              <RoleTable roles={flow.roles} now={flow.at} />
            </div>
            <SegmentTable segments={flow.segments} />
            <ConnectionTable connections={flow.connections} />
          </div>
        </>
      ) : null}
    </div>
  );
}

function FirstSource() {
  return (
    <div className={classes.empty}>
      <Notice
        title="Nothing has been captured yet"
        command="onefold sources create my-site"
        level={2}
      >
        Create a source; the command prints the write key that your site or app sends with. This
        page starts to move with the first event.
      </Notice>
    </div>
  );
}
