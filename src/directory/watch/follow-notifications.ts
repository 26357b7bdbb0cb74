import { DirectoryError } from "../../errors.ts";
import { type Follow, listenUntilDone } from "./follow.ts";
import { readOne } from "./offer.ts";
import { CHANGE_NOTIFICATION, notify } from "./watch-requests.ts";

/**
 * Active Directory's change notification. It is had for a whole domain or for what is directly below an entry, and never for a part of the tree.
 * Resolves if the server offers or allows none; rejects when the connection is over.
 */
export async function followNotifications(follow: Follow, server: string): Promise<void> {
  const { listener, offer, timeout, tell, begun } = follow;
  if (!offer.controls.has(CHANGE_NOTIFICATION) || offer.context === undefined) return;
  let isFollowing = false;
  const ended = listenUntilDone(
    follow,
    notify({ base: offer.context, scope: "sub" }),
    (heard) => heard.type === "entry" && tell(heard.change),
  );
  // Nothing says that it was accepted: the answer to a later question comes, and no end of this one.
  const accepted = readOne(listener, "", ["objectClass"], timeout).then(() => "accepted" as const);
  const first = await Promise.race([ended, accepted]);
  if (first === "accepted") {
    isFollowing = true;
    tell({ kind: "anything" });
    begun("notification");
  }
  const { code } = await ended;
  if (!isFollowing) return;
  const message = `${server} has ended the notification of changes (result code ${code})`;
  throw new DirectoryError(message, { code: "unreachable", resultCode: code });
}
