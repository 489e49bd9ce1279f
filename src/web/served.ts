// What the server says of the page it sent: below which path Plumbline stands, and the nonce of this page's styles.
const { prefix = "", nonce = "" } = document.querySelector<HTMLMetaElement>("meta[name=plumbline]")?.dataset ?? {};

export const served = { prefix, nonce };
