export interface Finding {
  name: string;
  /** What it is, in a word. */
  kind: string;
  href: string;
}

const FINDINGS_MAX = 30;

/** Those with the text in their name, where it begins a word first; in their order else. */
export function matching(all: readonly Finding[], text: string): Finding[] {
  const wanted = text.toLowerCase();
  const rank = ({ name }: Finding): number => {
    const place = name.toLowerCase().indexOf(wanted);
    if (place <= 0) return place;
    return /\W/.test(name[place - 1] ?? "") ? 1 : 2;
  };
  return all
    .filter((one) => rank(one) >= 0)
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, FINDINGS_MAX);
}
