/** By which the policy that this page came with knows its style tags; a style tag of anybody else has no effect. */
export const styleNonce =
  document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";

// Where the library that keeps a page from scrolling behind a dialog looks for it.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
