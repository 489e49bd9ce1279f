// What the server says of the page it sent: below which path Plumbline stands, and the nonce of this page's styles.
const { prefix = "", nonce = "" } = document.querySelector<HTMLMetaElement>("meta[name=plumbline]")?.dataset ?? {};

export const served = { prefix, nonce };

declare global {
  var __webpack_nonce__: string | undefined;
}

// Where the libraries that lock the page behind a dialog look for it.
globalThis.__webpack_nonce__ = nonce;
