import { ActionIcon, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  /** A verb with its object; read aloud and shown on hover. */
  label: string;
  onClick(): void;
  children: ReactNode;
}

export function IconButton({ label, onClick, children }: Props) {
  return (
    <Tooltip label={label} openDelay={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={label}
        onClick={onClick}
        c="var(--of-dim)"
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
