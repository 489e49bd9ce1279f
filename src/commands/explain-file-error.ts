// What the person at the terminal is told about a file that cannot be used.
const fileTrouble: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not do that",
  EPERM: "this user may not do that",
  EROFS: "its file system is read-only",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  Z_DATA_ERROR: "it is not what backup wrote, or it is damaged",
  Z_BUF_ERROR: "it is not whole: its end is missing",
};

/** To be given to `catch`; an error that is about something else goes on as it is. */
export function explainFileError(file: string, verb: "written" | "read"): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const trouble = error.syscall === "connect" ? undefined : fileTrouble[error.code ?? ""];
    throw trouble === undefined ? error : new Error(`${file} cannot be ${verb}: ${trouble}.`, { cause: error });
  };
}
