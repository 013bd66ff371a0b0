import { useState } from "react";

/**
 * Texts that are typed into one field: it keeps what was typed, down to the last space, as long as that means these
 * texts, and shows the texts once they are others.
 */
export function useTypedTexts(
  texts: readonly string[],
  onChange: (texts: string[]) => void,
  read: (typed: string) => string[],
  between: string,
): { value: string; onChange(event: { currentTarget: { value: string } }): void } {
  const written = texts.join(between);
  const [typed, setTyped] = useState(written);
  return {
    value: read(typed).join("\n") === texts.join("\n") ? typed : written,
    onChange: ({ currentTarget }) => {
      setTyped(currentTarget.value);
      onChange(read(currentTarget.value));
    },
  };
}
