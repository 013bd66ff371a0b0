import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { IconButton } from "../components/IconButton";

const ORDER: readonly { scheme: MantineColorScheme; label: string; Icon: typeof IconSun }[] = [
  { scheme: "auto", label: "Theme follows the system", Icon: IconDeviceDesktop },
  { scheme: "light", label: "Theme is light", Icon: IconSun },
  { scheme: "dark", label: "Theme is dark", Icon: IconMoon },
];

/** One button through three choices: as the system, light, dark. */
export function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const index = ORDER.findIndex((choice) => choice.scheme === colorScheme);
  const now = ORDER[index] ?? ORDER[0];
  const next = ORDER[(index + 1) % ORDER.length] ?? ORDER[0];
  if (!now || !next) return null;
  return (
    <IconButton label={`${now.label}. Change`} onClick={() => setColorScheme(next.scheme)}>
      <now.Icon size={18} stroke={1.6} />
    </IconButton>
  );
}
