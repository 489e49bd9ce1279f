// Where the pages are: the server sends the application to these addresses and to everything below them, and to no others.
export const pagePaths = [
  "/",
  "/home",
  "/accounts",
  "/organizations",
  "/users",
  "/nps",
  "/polls",
  "/deliveries",
  "/settings",
] as const;

export function isPagePath(path: string): boolean {
  return pagePaths.some((one) => path === one || (one !== "/" && path.startsWith(`${one}/`)));
}
