import { formatDuration, quotedCharacter, quotedText } from '../../notation/index.ts'
import type { HealthConfig } from '../config.ts'
import type { CopyInstruction, ListInstruction } from './dockerfile/instruction.ts'
import { exposed, type MetadataInstruction } from './metadata.ts'
import type { StageState } from './state.ts'
import type { WordExpander } from './variables.ts'

/**
 * How the history of an image tells an instruction that has been applied: with the values that it came to, in the forms
 * of BuildKit.
 */
export function metadataText(
  instruction: MetadataInstruction,
  state: StageState,
  expander: WordExpander,
): string {
  const { keyword } = instruction
  const { config } = state
  switch (keyword) {
    case 'ARG':
      return pairs(keyword, namesOf(instruction, expander), name => state.args.get(name))
    case 'ENV':
      return pairs(keyword, namesOf(instruction, expander), name => state.variables.get(name) ?? '')
    case 'LABEL':
      return pairs(keyword, namesOf(instruction, expander), name => config.Labels?.[name] ?? '')
    case 'CMD':
      return `${keyword} ${quoted(config.Cmd)}`
    case 'ENTRYPOINT':
      return `${keyword} ${quoted(config.Entrypoint)}`
    case 'SHELL':
      return `${keyword} [${instruction.argv.join(' ')}]`
    case 'EXPOSE':
      return `${keyword} [${ports(instruction, expander).join(' ')}]`
    case 'VOLUME':
      return `${keyword} [${instruction.values.map(value => expander.word(value)).join(' ')}]`
    case 'USER':
    case 'STOPSIGNAL':
      return `${keyword} ${expander.word(instruction.value)}`
    case 'HEALTHCHECK':
      return `${keyword} ${healthText(instruction.health)}`
    default:
      return instruction.text
  }
}

/** What BuildKit puts behind an instruction that ran something; scanners of images look for it. */
export const RAN = ' # buildkit'

/** COPY and ADD: what goes where, and whose it becomes. */
export function copyText(
  { keyword, sources, heredocs, destination, chown, chmod }: CopyInstruction,
  expander: WordExpander,
): string {
  const flags = Object.entries({ chown, chmod }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${expander.word(value)}`],
  )
  const names = heredocs.map(({ name }) => `<<${name}`)
  const words = [...sources, destination].map(word => expander.word(word))
  return `${[keyword, ...flags, ...words.slice(0, -1), ...names, ...words.slice(-1)].join(' ')}${RAN}`
}

/** In the order of the words as they are written. */
function ports(instruction: ListInstruction, expander: WordExpander): readonly string[] {
  return instruction.values
    .toSorted()
    .flatMap(value => Object.keys(exposed({ ...instruction, values: [value] }, expander)))
}

function namesOf(
  { assignments }: { readonly assignments: readonly { readonly name: string }[] },
  expander: WordExpander,
): readonly string[] {
  return assignments.map(({ name }) => expander.word(name))
}

function pairs(
  keyword: string,
  names: readonly string[],
  lookup: (name: string) => string | undefined,
): string {
  const told = names.map(name => {
    const value = lookup(name)
    return value === undefined ? name : `${name}=${value}`
  })
  return [keyword, ...told].join(' ')
}

function quoted(words: readonly string[] | null | undefined): string {
  return `[${(words ?? []).map(quotedText).join(' ')}]`
}

/** The fields of Docker's record of a check, as Go prints a record. */
function healthText(health: HealthConfig): string {
  const { Test, Interval, Timeout, StartPeriod, StartInterval, Retries = 0 } = health
  const times = [Interval, Timeout, StartPeriod, StartInterval].map(time => `"${formatDuration(time ?? 0)}"`)
  return `&{${[quoted(Test), ...times, quotedCharacter(Retries)].join(' ')}}`
}
