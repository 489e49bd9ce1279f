// The options of a poll: those it offers, and those that somebody chose.
import { isJsonObject, type Json } from "../../platform/json.ts";
import { readText } from "../kinds/guide.ts";
import { findText, isBlank, isComposite, type Parts, sortParts } from "./answer-parts.ts";

export type Option = { id: string | number | boolean | null; label: string | null };

/** An option as {id or value, label or name}. */
export function readOption(parts: Parts): Option {
  const values = [...parts.plainIds, ...parts.choiceIds, ...parts.answers].map((part) => part.value);
  const id = values.find((value) => value !== null && typeof value !== "object") ?? null;
  return { id, label: findText([...parts.labels, ...parts.names, ...parts.questions]) };
}

/** Offered options, id → label: a list of {id, label}, or an object whose values are labels or {text}. */
export function readChoices(parts: Parts): [string, string][] {
  return parts.choices.flatMap(({ value }): [string, string][] => {
    if (Array.isArray(value)) {
      return value.filter(isJsonObject).flatMap((choice): [string, string][] => {
        const { id, label } = readOption(sortParts(choice));
        return id !== null && typeof id !== "boolean" && label !== null ? [[String(id), label]] : [];
      });
    }
    if (!isJsonObject(value)) return [];
    return Object.entries(value).flatMap(([id, choice]): [string, string][] => {
      const label = isJsonObject(choice) ? readOption(sortParts(choice)).label : readText(choice);
      return label === null ? [] : [[id, label]];
    });
  });
}

/** Several options that one answer chose, if that is what all elements of a list are. */
export function readChosenOptions(list: readonly Json[]): Option[] | undefined {
  const options: Option[] = [];
  for (const element of list) {
    if (isBlank(element)) continue;
    if (!isJsonObject(element) || Object.values(element).some(isComposite)) return undefined;
    const parts = sortParts(element);
    const isMore = [parts.ids, parts.polls, parts.questions, parts.comments].some((group) => group.length > 0);
    const option = readOption(parts);
    if (isMore || (option.id ?? option.label) === null) return undefined;
    options.push(option);
  }
  return options.length > 0 ? options : undefined;
}

/** Options that carry the mark of having been chosen, or a bare list of them that stands where the offer would. */
export function listMarkedChoices(parts: Parts): Option[] | undefined {
  const lists = parts.choices.map(({ value }) => value).filter((value) => Array.isArray(value));
  const chosen = lists.flat().flatMap((choice): Option[] => {
    if (isBlank(choice) || Array.isArray(choice)) return [];
    if (isJsonObject(choice)) return isMarked(choice) ? [readOption(sortParts(choice))] : [];
    return [{ id: choice, label: null }];
  });
  return chosen.length > 0 ? chosen : undefined;
}

function isMarked(choice: Json): boolean {
  return (
    isJsonObject(choice) &&
    ["selected", "isSelected", "checked", "isChecked", "chosen"].some((name) => choice[name] === true)
  );
}
