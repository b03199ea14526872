import { expandPorts, parseSignalName, signalName } from '../../notation/index.ts'
import type { JsonObject, JsonValue } from '../core/json-value.ts'
import { compareText } from './canonical.ts'

/** What one text of an attribute means, in the one spelling that is compared; several for a range. */
type Spelling = (text: string) => readonly string[]

/** Attributes whose texts have several spellings, by their names. What is not understood stays as it stands: the engine refuses it. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  cap_add: capability,
  cap_drop: capability,
  expose: ports,
  security_opt: securityOption,
  stop_signal: text => [signalName(parseSignalName(text)) ?? text],
}

/** A wider range stays as it is written: its list would be longer than a label may be. */
const WIDEST_RANGE = 256

/** The attributes of a service that have several spellings, each in one; such lists are sets, sorted. */
export function spelled(spec: JsonObject): JsonObject {
  const own = Object.entries(SPELLINGS).flatMap(([name, spelling]): [string, JsonValue][] => {
    const value = spec[name]
    if (typeof value === 'string') return [[name, spelling(value)[0] ?? value]]
    if (!Array.isArray(value)) return []
    const texts = (value as readonly JsonValue[]).flatMap(item => spelling(String(item)))
    return [[name, [...new Set(texts)].sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)))]]
  })
  return { ...spec, ...Object.fromEntries(own) }
}

/** In any case, with `CAP_` or without; but `CAP_ALL` is none. */
function capability(text: string): readonly string[] {
  const name = text.trim().toUpperCase()
  return [name === 'CAP_ALL' ? name : name.replace(/^CAP_/, '')]
}

/** `name=value` and `name:value` are one; no-new-privileges without a value is a yes. */
function securityOption(text: string): readonly string[] {
  return [text === 'no-new-privileges' ? `${text}=true` : text.replace(/^([a-z-]+):/, '$1=')]
}

function ports(text: string): readonly string[] {
  const each = expandPorts(text)
  return each.length === 0 || each.length > WIDEST_RANGE
    ? [text]
    : each.map(port => port.replace(/\/tcp$/, ''))
}
