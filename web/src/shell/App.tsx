import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, Route, Switch } from "wouter";
import { ApiError } from "../api/client";
import { Notice } from "../components/Notice";
import { LazyPage } from "./LazyPage";
import { PAGES } from "./pages";
import { Shell } from "./Shell";
import { styleNonce } from "./styleNonce";
import { resolveVariables, theme } from "./theme";

const Welcome = lazy(() => import("../pages/welcome/Page"));
const SignOn = lazy(() => import("../pages/sign-on/Page"));

/** Queries try again, quietly, before a page says that it got no answer: no blank page for longer than some seconds. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) =>
        error instanceof ApiError && error.failure === "unreachable" && count < 2,
      refetchOnWindowFocus: false,
    },
  },
});

export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      cssVariablesResolver={resolveVariables}
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queries}>
        <Switch>
          <Route path="/welcome">
            <Suspense fallback={null}>
              <Welcome />
            </Suspense>
          </Route>
          <Route path="/sign-on">
            <Suspense fallback={null}>
              <SignOn />
            </Suspense>
          </Route>
          <Route>
            <Shell>
              <CurrentPage />
            </Shell>
          </Route>
        </Switch>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function CurrentPage() {
  return (
    <Suspense fallback={null}>
      <Switch>
        {PAGES.map((entry) => (
          <Route key={entry.path} path={entry.path}>
            <LazyPage of={entry.Page} />
          </Route>
        ))}
        {PAGES.map((entry) =>
          entry.Detail ? (
            <Route key={entry.path} path={`${entry.path}/:id`}>
              <LazyPage of={entry.Detail} />
            </Route>
          ) : null,
        )}
        {PAGES.flatMap((entry) =>
          Object.entries(entry.parts ?? {}).map(([rest, Part]) => (
            <Route key={rest} path={`${entry.path}/:id/${rest}`}>
              <LazyPage of={Part} />
            </Route>
          )),
        )}
        <Route>
          <Notice title="There is no page at this address">
            <Link href="/">Open the overview</Link> to find your way.
          </Notice>
        </Route>
      </Switch>
    </Suspense>
  );
}
