import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { ApiError } from "../api/client";
import { Notice } from "../components/Notice";
import { findPage } from "./pages";
import { Shell } from "./Shell";
import { resolveVariables, theme } from "./theme";

const Welcome = lazy(() => import("../pages/welcome/Page"));

/** The stream decides what is said about a lost server; queries only try again, quietly. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) =>
        error instanceof ApiError && error.failure === "unreachable" && count < 5,
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
    >
      <QueryClientProvider client={queries}>
        {window.location.pathname === "/welcome" ? (
          <Suspense fallback={null}>
            <Welcome />
          </Suspense>
        ) : (
          <Shell>
            <CurrentPage />
          </Shell>
        )}
      </QueryClientProvider>
    </MantineProvider>
  );
}

function CurrentPage() {
  const entry = findPage(window.location.pathname);
  if (!entry) {
    return (
      <Notice title="There is no page at this address">
        <a href="/">Open the overview</a> to find your way.
      </Notice>
    );
  }
  return (
    <Suspense fallback={null}>
      <entry.Page />
    </Suspense>
  );
}
