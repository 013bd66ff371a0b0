import { useLocalStorage } from "@mantine/hooks";
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconSearch,
} from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { useSessionOver } from "../api/session";
import { useOffer } from "../api/undo";
import { useMe } from "../api/useMe";
import { useServerStatus } from "../api/useServerStatus";
import { IconButton } from "../components/IconButton";
import { useStream } from "../live/useStream";
import { Keyboard } from "./Keyboard";
import { LostNote } from "./LostNote";
import { PAGES, type PageEntry } from "./pages";
import classes from "./Shell.module.css";
import { ThemeToggle } from "./ThemeToggle";

const SignIn = lazy(() => import("./SignIn").then((loaded) => ({ default: loaded.SignIn })));
const UndoToast = lazy(() =>
  import("./UndoToast").then((loaded) => ({ default: loaded.UndoToast })),
);
const Me = lazy(() => import("./Me").then((loaded) => ({ default: loaded.Me })));

/** Navigation at the left (a bar on top on a phone), the page beside it. */
export function Shell({ children }: { children: ReactNode }) {
  const [isFolded, setFolded] = useLocalStorage({
    key: "onefold-navigation-folded",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const [place] = useLocation();
  const me = useMe();
  useStream();
  const mayOpen = (page: PageEntry) =>
    !page.isApart && (!page.right || (me?.rights.includes(page.right) ?? false));
  const pages = useRef<HTMLElement>(null);
  // On a phone the pages are a row that scrolls; the one that is open has to be in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: which one is current follows from these
  useEffect(() => {
    const current = pages.current?.querySelector("[aria-current]");
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [place, me]);
  const FoldIcon = isFolded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <div className={classes.frame} data-folded={isFolded || undefined}>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <header className={classes.side}>
        <Link className={classes.brand} href="/" aria-label="Onefold, overview">
          <Mark />
          <span className={classes.word}>Onefold</span>
        </Link>
        <button
          type="button"
          className={classes.find}
          title="Find anything"
          onClick={() => document.dispatchEvent(new Event("onefold:find"))}
        >
          <IconSearch size={16} stroke={1.6} aria-hidden="true" />
          <span className={classes.findWord}>Find anything</span>
          <kbd className={classes.findWord}>{isApple() ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        <nav ref={pages} aria-label="Pages" className={classes.pages}>
          {PAGES.filter(mayOpen).map((page) => (
            <Link
              key={page.path}
              href={page.path}
              className={classes.page}
              aria-current={isAt(page.path, place) ? "page" : undefined}
              onPointerEnter={() => void page.Page.load()}
              title={isFolded ? page.name : undefined}
            >
              <page.icon size={18} stroke={1.6} />
              <span className={classes.word}>{page.name}</span>
            </Link>
          ))}
        </nav>
        <div className={classes.foot}>
          <Workspace />
          <Suspense fallback={null}>
            <Me />
          </Suspense>
          <ThemeToggle />
          <span className={classes.fold}>
            <IconButton
              label={isFolded ? "Unfold navigation" : "Fold navigation"}
              onClick={() => setFolded(!isFolded)}
            >
              <FoldIcon size={18} stroke={1.6} />
            </IconButton>
          </span>
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <LostNote />
        <SignedIn>{children}</SignedIn>
      </main>
      {me ? <Keyboard /> : null}
      <Undo />
    </div>
  );
}

/** The page; out of sight while nobody is signed in, with whatever was typed there, and new for another. */
function SignedIn({ children }: { children: ReactNode }) {
  const isOver = useSessionOver();
  const [visit, setVisit] = useState(0);
  return (
    <>
      {isOver ? (
        <Suspense fallback={null}>
          <SignIn done={(isSame) => setVisit((last) => (isSame ? last : last + 1))} />
        </Suspense>
      ) : null}
      <div key={visit} className={classes.held} hidden={isOver}>
        {children}
      </div>
    </>
  );
}

/** The way back from the last change. */
function Undo() {
  const offer = useOffer();
  return <Suspense fallback={null}>{offer ? <UndoToast offer={offer} /> : null}</Suspense>;
}

function Workspace() {
  const status = useServerStatus();
  if (!status) return <span className={classes.workspace} />;
  return (
    <span className={classes.workspace}>
      {status.workspace ? <span className={classes.workspaceName}>{status.workspace}</span> : null}
      <span>Version {status.version}</span>
    </span>
  );
}

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

/** Two paths that fold into one. */
function Mark() {
  return (
    <svg className={classes.mark} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M2 5h4.5l4 5H18M2 15h4.5l4-5" />
    </svg>
  );
}

/** A page is current for what its list holds, too. */
function isAt(path: string, place: string): boolean {
  return place === path || (path !== "/" && place.startsWith(`${path}/`));
}
