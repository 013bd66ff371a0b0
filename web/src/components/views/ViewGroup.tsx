import { useId } from "react";
import type { SavedView } from "../../api/schema";
import classes from "./SavedViews.module.css";
import { ViewRow } from "./ViewRow";

interface Props {
  title: string;
  views: readonly SavedView[];
  current: SavedView | undefined;
  onOpen(): void;
  onDeleted(view: SavedView): void;
}

/** Views of one kind, if there are any. */
export function ViewGroup({ title, views, current, onOpen, onDeleted }: Props) {
  const id = useId();
  if (views.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={classes.title}>
        {title}
      </h3>
      <ul className={classes.views}>
        {views.map((view) => (
          <ViewRow
            key={view.id}
            view={view}
            isCurrent={view.id === current?.id}
            onOpen={onOpen}
            onDeleted={onDeleted}
          />
        ))}
      </ul>
    </section>
  );
}
