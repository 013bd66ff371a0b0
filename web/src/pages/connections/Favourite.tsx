import { IconStar, IconStarFilled } from "@tabler/icons-react";
import type { ConnectionView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { IconButton } from "../../components/IconButton";
import classes from "./connection.module.css";

/** Favourites stand first in the list. */
export function Favourite({ connection }: { connection: ConnectionView }) {
  const change = useChange();
  const mayChange = useMay("connect");
  const isOne = change.isPending ? !connection.favourite : connection.favourite;
  if (!mayChange) return isOne ? <IconStarFilled size={14} aria-label="Favourite" /> : null;
  return (
    <span className={classes.switch}>
      <IconButton
        label={
          isOne
            ? `Remove ${connection.name} from favourites`
            : `Make ${connection.name} a favourite`
        }
        onClick={() =>
          change.mutate({
            method: "PATCH",
            path: `/api/v1/connections/${connection.id}`,
            body: { favourite: !connection.favourite },
            said: null,
          })
        }
      >
        {isOne ? <IconStarFilled size={15} /> : <IconStar size={15} stroke={1.6} />}
      </IconButton>
    </span>
  );
}
