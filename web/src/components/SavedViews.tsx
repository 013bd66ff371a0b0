import { Button, Popover, TextInput } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconBookmark, IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Link, useSearch } from "wouter";
import { IconButton } from "./IconButton";
import classes from "./SavedViews.module.css";

interface View {
  name: string;
  query: string;
}

const VIEWS_MAX = 20;

/** Filters of a list, kept under a name in this browser. */
export function SavedViews({ of: path }: { of: string }) {
  const [views, setViews] = useLocalStorage<View[]>({
    key: `onefold-views-${path}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const query = useSearch();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState("");
  const current = views.find((view) => view.query === query);

  function save(event: FormEvent) {
    event.preventDefault();
    const others = views.filter((view) => view.name !== name.trim());
    setViews([...others, { name: name.trim(), query }].slice(-VIEWS_MAX));
    setName("");
  }

  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<IconBookmark size={16} stroke={1.6} aria-hidden="true" />}
          onClick={() => setOpen(!isOpen)}
        >
          {current ? current.name : "Saved views"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved views">
        <ul className={classes.views}>
          {views.map((view) => (
            <li key={view.name}>
              <Link
                href={view.query ? `${path}?${view.query}` : path}
                onClick={() => setOpen(false)}
              >
                {view.name}
              </Link>
              <IconButton
                label={`Remove view ${view.name}`}
                onClick={() => setViews(views.filter((one) => one.name !== view.name))}
              >
                <IconX size={14} />
              </IconButton>
            </li>
          ))}
        </ul>
        <form className={classes.form} onSubmit={save}>
          <TextInput
            size="sm"
            aria-label="Name of the view"
            placeholder={query ? "Name what is shown" : "Filter the list first"}
            disabled={!query}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" disabled={!name.trim() || !query}>
            Save view
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
