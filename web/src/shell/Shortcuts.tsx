import { Dialog } from "../components/Dialog";
import { GO_KEYS } from "./keys";
import classes from "./Palette.module.css";
import { PAGES } from "./pages";

/** Which keys do what. */
export function Shortcuts({ close }: { close(): void }) {
  return (
    <Dialog title="Keys" onClose={close}>
      {() => (
        <dl className={classes.keys}>
          <dt>
            <kbd>⌘K</kbd> or <kbd>Ctrl K</kbd>
          </dt>
          <dd>Find anything</dd>
          <dt>
            <kbd>⌘Z</kbd> or <kbd>Ctrl Z</kbd>
          </dt>
          <dd>Undo the change that is told at the foot</dd>
          {[...GO_KEYS].map(([key, path]) => (
            <div key={key} className={classes.row}>
              <dt>
                <kbd>g</kbd> <kbd>{key}</kbd>
              </dt>
              <dd>Open {PAGES.find((page) => page.path === path)?.name}</dd>
            </div>
          ))}
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>Show these keys</dd>
        </dl>
      )}
    </Dialog>
  );
}
