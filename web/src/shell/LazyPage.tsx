import { type ComponentType, lazy, useMemo } from "react";

type Loaded = { default: ComponentType };

/**
 * A page whose code is fetched when it is shown, or ahead: then it is shown at once, where `lazy` alone gives way to
 * its fallback first, and React holds back for a while what comes after one.
 */
export class LazyCode {
  readonly #fetch: () => Promise<Loaded>;
  readonly #later: ComponentType;
  #loaded: ComponentType | undefined;

  constructor(fetch: () => Promise<Loaded>) {
    this.#fetch = fetch;
    this.#later = lazy(fetch);
  }

  /** Never fails: what could not be fetched is asked for when the page is shown. */
  async load(): Promise<void> {
    this.#loaded = (await this.#fetch().catch(() => undefined))?.default;
  }

  component(): ComponentType {
    return this.#loaded ?? this.#later;
  }
}

export function LazyPage({ of }: { of: LazyCode }) {
  // What is on the page must not go when its code is there a second time.
  const Page = useMemo(() => of.component(), [of]);
  return <Page />;
}
