import { randomUUID } from "node:crypto";
import { normalizeDn, parseDn } from "../../ldap/dn.ts";
import { AttributeEditor } from "../attribute-editor.ts";
import type { DirectoryState } from "../directory-state.ts";
import { isWithin, parentKey, type StoredEntry } from "../entry-tree.ts";
import { noSuchObject } from "../no-such-object.ts";
import { prettyDn } from "../pretty-dn.ts";
import type { AddRequest, DeleteRequest, ModifyDnRequest, ModifyRequest } from "../request.ts";
import { RESULT, type Result } from "../result.ts";
import { timestamp } from "../timestamp.ts";

/** Who changes the directory: the normalised DN, or the directory's owner, who may do everything. */
export type Author = { readonly who: string } | "owner";

type Update = AddRequest | DeleteRequest | ModifyRequest | ModifyDnRequest;

const SUCCESS: Result = { code: RESULT.success };
const INVALID_DN: Result = { code: RESULT.invalidDnSyntax, message: "invalid DN" };

/** Whether this author may make the change; slapd's "no write access" is insufficientAccessRights. */
function mayWrite(
  state: DirectoryState,
  author: Author,
  operation: Update["operation"],
  dn: string,
  attribute?: string,
): boolean {
  if (author === "owner") return true;
  const request = { who: author.who, operation, dn, ...(attribute !== undefined && { attribute }) };
  return state.access(request) === true;
}

function whoOf(author: Author): string {
  return author === "owner" ? "" : author.who;
}

/** RFC 4511 section 4.7. Object classes are not enforced, names are. */
export function add(state: DirectoryState, author: Author, request: AddRequest): Result {
  const key = normalizeDn(request.dn);
  if (key === undefined || key === "") return INVALID_DN;
  const editor = new AttributeEditor(state.schema, new Map());
  for (const { name, values } of request.attributes) {
    const failure = editor.add(name, values);
    if (failure !== undefined) return failure;
  }
  if (state.tree.get(key) !== undefined) return { code: RESULT.entryAlreadyExists };
  const parent = parentKey(key);
  // Only the owner (LDIF that is loaded) begins a new tree.
  if (state.tree.get(parent) === undefined && author !== "owner") {
    return noSuchObject(state, whoOf(author), key);
  }
  if (!mayWrite(state, author, "add", key)) return { code: RESULT.insufficientAccessRights };
  const failure = editor.addRdn(request.dn);
  if (failure !== undefined) return failure;
  stampNew(state, editor, author);
  const dn = prettyDn(state.schema, request.dn);
  state.tree.put({ dn, key, attributes: editor.attributes });
  return SUCCESS;
}

/** RFC 4511 section 4.8. */
export function remove(state: DirectoryState, author: Author, request: DeleteRequest): Result {
  const key = normalizeDn(request.dn);
  if (key === undefined) return INVALID_DN;
  if (state.tree.get(key) === undefined) return noSuchObject(state, whoOf(author), key);
  if (!mayWrite(state, author, "delete", key)) return { code: RESULT.insufficientAccessRights };
  if (state.tree.hasChildren(key)) {
    return {
      code: RESULT.notAllowedOnNonLeaf,
      message: "subordinate objects must be deleted first",
    };
  }
  state.tree.delete(key);
  return SUCCESS;
}

/** RFC 4511 section 4.6: all changes or none. */
export function modify(state: DirectoryState, author: Author, request: ModifyRequest): Result {
  const key = normalizeDn(request.dn);
  if (key === undefined) return INVALID_DN;
  const entry = state.tree.get(key);
  if (entry === undefined) return noSuchObject(state, whoOf(author), key);
  const editor = new AttributeEditor(state.schema, entry.attributes);
  for (const change of request.changes) {
    const attribute = change.name.split(";", 1)[0]?.toLowerCase();
    if (!mayWrite(state, author, "modify", key, attribute)) {
      return { code: RESULT.insufficientAccessRights };
    }
    const failure = editor.apply(change);
    if (failure !== undefined) return failure;
  }
  if (!editor.holdsRdn(entry.dn)) {
    // RFC 4511 would say notAllowedOnRDN; slapd says this.
    return { code: RESULT.namingViolation, message: "the RDN's value must stay" };
  }
  stampModified(editor, author);
  state.tree.put({ ...entry, attributes: editor.attributes });
  return SUCCESS;
}

/** RFC 4511 section 4.9, subtrees included. */
export function modifyDn(state: DirectoryState, author: Author, request: ModifyDnRequest): Result {
  const key = normalizeDn(request.dn);
  const rdn = parseDn(request.newRdn);
  if (key === undefined || rdn?.length !== 1) return INVALID_DN;
  const entry = state.tree.get(key);
  if (entry === undefined) return noSuchObject(state, whoOf(author), key);
  const superior = request.newSuperior ?? parentDn(state, entry);
  const superiorKey = normalizeDn(superior);
  const newDn = prettyDn(state.schema, [request.newRdn, superior].filter(Boolean).join(","));
  const newKey = normalizeDn(newDn);
  if (superiorKey === undefined || newKey === undefined) return INVALID_DN;
  if (request.newSuperior !== undefined && state.tree.get(superiorKey) === undefined) {
    return { code: RESULT.noSuchObject, message: "the new superior does not exist" };
  }
  if (isWithin(superiorKey, key)) {
    return { code: RESULT.unwillingToPerform, message: "the new superior is below the entry" };
  }
  if (!mayWrite(state, author, "modify-dn", key)) return { code: RESULT.insufficientAccessRights };
  if (newKey !== key && state.tree.get(newKey) !== undefined) {
    return { code: RESULT.entryAlreadyExists };
  }
  const editor = new AttributeEditor(state.schema, entry.attributes);
  const failure = editor.rename(entry.dn, request.newRdn, request.deleteOldRdn);
  if (failure !== undefined) return failure;
  stampModified(editor, author);
  move(state, entry, { dn: newDn, key: newKey, attributes: editor.attributes });
  return SUCCESS;
}

/** The parent's DN as the parent spells it. */
function parentDn({ tree }: DirectoryState, entry: StoredEntry): string {
  return tree.get(parentKey(entry.key))?.dn ?? parentKey(entry.key);
}

function move({ tree }: DirectoryState, from: StoredEntry, to: StoredEntry): void {
  const below = [...tree.subtree(from.key)].slice(1);
  for (const entry of [from, ...below]) tree.delete(entry.key);
  tree.put(to);
  for (const entry of below) {
    const parent = parentKey(entry.key);
    const movedParent = `${parent.slice(0, parent.length - from.key.length)}${to.key}`;
    const ownRdn = entry.key.slice(0, entry.key.length - parent.length);
    const dn = `${entry.dn.slice(0, rdnLength(entry.dn))},${tree.get(movedParent)?.dn ?? movedParent}`;
    tree.put({ ...entry, dn, key: `${ownRdn}${movedParent}` });
  }
}

/** How much of a DN's text is its first RDN. */
function rdnLength(dn: string): number {
  const parent = parentKey(dn);
  return parent === "" ? dn.length : dn.length - parent.length - 1;
}

function stampNew(state: DirectoryState, editor: AttributeEditor, author: Author): void {
  const classes = editor.texts("objectClass");
  const structural = state.schema.structuralClass(classes);
  editor.setIfMissing("entryUUID", randomUUID());
  editor.setIfMissing("createTimestamp", timestamp());
  if (structural !== undefined) editor.setIfMissing("structuralObjectClass", structural);
  const name = whoOf(author);
  if (name !== "") editor.setIfMissing("creatorsName", name);
  editor.setIfMissing("modifyTimestamp", timestamp());
  if (name !== "") editor.setIfMissing("modifiersName", name);
}

function stampModified(editor: AttributeEditor, author: Author): void {
  editor.set("modifyTimestamp", timestamp());
  const name = whoOf(author);
  if (name !== "") editor.set("modifiersName", name);
}
