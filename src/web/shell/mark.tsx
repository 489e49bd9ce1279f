/** Plumbline's sign: a plumb on its line. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden color="var(--mantine-primary-color-filled)">
      <path d="M12 1v9" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="M7.5 10h9L12 23z" fill="currentColor" />
    </svg>
  );
}
