// The workspace that this tab looks at. It lasts as long as the tab; a new tab begins with the one that was looked at last.
const place = "plumbline-workspace";

export function findWorkspace(): string | undefined {
  return sessionStorage.getItem(place) ?? undefined;
}

export function chooseWorkspace(id: string): void {
  sessionStorage.setItem(place, id);
}

export function forgetWorkspace(): void {
  sessionStorage.removeItem(place);
}
