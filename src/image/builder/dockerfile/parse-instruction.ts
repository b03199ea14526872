import { commandOf } from './command.ts'
import type { Assignment, Command, Instruction } from './instruction.ts'
import type { LogicalLine } from './lex.ts'
import { mountProblem } from './mount-fields.ts'
import { parseCopy } from './parse-copy.ts'
import { type ParseInput, type Problem, problem, takeFlags, unknownFlags } from './parse-flags.ts'
import { HEALTH_FLAGS, parseHealthcheck } from './parse-healthcheck.ts'
import { parseJsonList, splitWords } from './words.ts'

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/
const RUN_NETWORKS = new Set(['default', 'none', 'host'])
const VARIABLE = /^[^\s="'$]+$/

type Parser = (input: ParseInput) => Instruction | Problem

const PARSERS: Readonly<Record<string, { readonly flags: readonly string[]; readonly parse: Parser }>> = {
  FROM: { flags: ['platform'], parse: parseFrom },
  ARG: { flags: [], parse: parseArg },
  ENV: { flags: [], parse: parseAssign },
  LABEL: { flags: [], parse: parseAssign },
  RUN: { flags: ['mount', 'network', 'security'], parse: parseRun },
  COPY: { flags: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'], parse: parseCopy },
  ADD: {
    flags: ['chown', 'chmod', 'link', 'checksum', 'keep-git-dir', 'exclude', 'unpack'],
    parse: parseCopy,
  },
  CMD: { flags: [], parse: parseCommand },
  ENTRYPOINT: { flags: [], parse: parseCommand },
  SHELL: { flags: [], parse: parseShell },
  WORKDIR: { flags: [], parse: parseWorkdir },
  USER: { flags: [], parse: parseWord },
  STOPSIGNAL: { flags: [], parse: parseWord },
  MAINTAINER: { flags: [], parse: parseWord },
  EXPOSE: { flags: [], parse: parseList },
  VOLUME: { flags: [], parse: parseList },
  HEALTHCHECK: { flags: HEALTH_FLAGS, parse: parseHealthcheck },
  ONBUILD: { flags: [], parse: parseOnbuild },
}

/** Parses one instruction, or says what is wrong with it. */
export function parseInstruction(line: LogicalLine, escapeChar: string): Instruction | Problem {
  const entry = PARSERS[line.keyword]
  if (entry === undefined || !Object.hasOwn(PARSERS, line.keyword)) return unknownInstruction(line.keyword)
  const { flags, rest } = takeFlags(line.rest, escapeChar)
  const unknown = unknownFlags(line.keyword, flags, entry.flags)
  if (unknown !== undefined) return unknown
  if (rest === '') return problem('DOCKERFILE_ARGUMENTS', `${line.keyword} has no arguments`)
  const base = { range: line.range, text: `${line.keyword} ${line.rest}` }
  return entry.parse({ base, line, flags, rest, escapeChar })
}

function parseFrom({ base, flags, rest }: ParseInput): Instruction | Problem {
  const words = rest.split(/\s+/)
  const [image = '', as, name] = words
  const named = words.length === 3 && as?.toLowerCase() === 'as'
  if (words.length !== 1 && !named)
    return problem('DOCKERFILE_FROM', `got "FROM ${rest}", want FROM image [AS name]`)
  const stage = name?.toLowerCase()
  if (stage !== undefined && !STAGE_NAME.test(stage)) {
    return problem(
      'DOCKERFILE_STAGE_NAME',
      `stage name "${name}" is invalid`,
      'use a letter, then letters, digits, - _ .',
    )
  }
  const platform = flags.find(flag => flag.name === 'platform')?.value
  return {
    ...base,
    keyword: 'FROM',
    image,
    ...(platform === undefined ? {} : { platform }),
    ...(stage === undefined ? {} : { name: stage }),
  }
}

function parseArg({ base, rest, escapeChar }: ParseInput): Instruction | Problem {
  const assignments = splitWords(rest, escapeChar).map(assignmentOf)
  const wrong = assignments.find(({ name }) => !VARIABLE.test(name))
  if (wrong !== undefined) return problem('DOCKERFILE_ARG', `argument name "${wrong.name}" is invalid`)
  return { ...base, keyword: 'ARG', assignments }
}

/** ENV and LABEL: `a=1 b="2 3"`, or the old `a rest of the line`. */
function parseAssign({ base, line, rest, escapeChar }: ParseInput): Instruction | Problem {
  const keyword = line.keyword === 'ENV' ? 'ENV' : 'LABEL'
  const words = splitWords(rest, escapeChar)
  if (!words[0]?.includes('=')) {
    const [, name = '', value] = /^(\S+)\s+(.*)$/s.exec(rest) ?? []
    if (value === undefined)
      return problem('DOCKERFILE_ARGUMENTS', `${keyword} "${rest}" has no value`, 'write name=value')
    return { ...base, keyword, assignments: [{ name, value }] }
  }
  const bare = words.find(word => !word.includes('='))
  if (bare !== undefined) {
    return problem('DOCKERFILE_ARGUMENTS', `got "${bare}", want name=value`, 'quote a value that has spaces')
  }
  const assignments = words.map(assignmentOf).map(({ name, value }) => ({ name, value: value ?? '' }))
  if (assignments.some(({ name }) => name === ''))
    return problem('DOCKERFILE_ARGUMENTS', `${keyword} has an empty name`)
  return { ...base, keyword, assignments }
}

function assignmentOf(word: string): Assignment {
  const equals = word.indexOf('=')
  return equals === -1 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) }
}

function parseRun({ base, line, flags, rest }: ParseInput): Instruction | Problem {
  const valuesOf = (name: string): string[] =>
    flags.filter(flag => flag.name === name).map(flag => flag.value)
  if (valuesOf('security').some(value => value !== 'sandbox')) {
    return problem('DOCKERFILE_UNSUPPORTED', 'RUN --security=insecure is not supported')
  }
  const [network] = valuesOf('network')
  if (network !== undefined && !RUN_NETWORKS.has(network) && !network.includes('$')) {
    return problem('DOCKERFILE_FLAG', `got --network=${network}, want default, none or host`)
  }
  const wrongMount = valuesOf('mount')
    .map(mountProblem)
    .find(found => found !== undefined)
  if (wrongMount !== undefined) return problem('DOCKERFILE_MOUNT', wrongMount)
  const onlyHeredocs = line.heredocs.length > 0 && rest.split(/\s+/).every(word => word.startsWith('<<'))
  const script = onlyHeredocs ? line.heredocs.map(heredoc => heredoc.content).join('') : undefined
  const shellLine = [rest, ...line.heredocs.map(({ name, content }) => `${content}${name}`)].join('\n')
  const command: Command = line.heredocs.length > 0 ? { form: 'shell', line: shellLine } : commandOf(rest)
  return {
    ...base,
    keyword: 'RUN',
    command,
    mounts: valuesOf('mount'),
    ...(network === undefined ? {} : { network }),
    ...(script === undefined ? {} : { script }),
  }
}

function parseCommand({ base, line, rest }: ParseInput): Instruction | Problem {
  return { ...base, keyword: line.keyword === 'CMD' ? 'CMD' : 'ENTRYPOINT', command: commandOf(rest) }
}

function parseShell({ base, rest }: ParseInput): Instruction | Problem {
  const argv = parseJsonList(rest)
  if (argv === undefined || argv.length === 0) {
    return problem(
      'DOCKERFILE_SHELL',
      `got SHELL ${rest}, want a JSON list`,
      'write SHELL ["/bin/bash", "-c"]',
    )
  }
  return { ...base, keyword: 'SHELL', argv }
}

function parseWord({ base, line, rest }: ParseInput): Instruction | Problem {
  const keyword = line.keyword as 'USER' | 'STOPSIGNAL' | 'MAINTAINER'
  return { ...base, keyword, value: rest }
}

function parseWorkdir({ base, rest }: ParseInput): Instruction | Problem {
  return { ...base, keyword: 'WORKDIR', value: rest }
}

function parseList({ base, line, rest, escapeChar }: ParseInput): Instruction | Problem {
  const keyword = line.keyword === 'EXPOSE' ? 'EXPOSE' : 'VOLUME'
  const values = keyword === 'VOLUME' ? parseJsonList(rest) : undefined
  return { ...base, keyword, values: values ?? splitWords(rest, escapeChar) }
}

function parseOnbuild({ base, rest, escapeChar, line }: ParseInput): Instruction | Problem {
  const [, keyword = '', arguments_ = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? []
  const upper = keyword.toUpperCase()
  if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(upper)) {
    return problem('DOCKERFILE_ONBUILD', `${upper} cannot be a trigger of ONBUILD`)
  }
  const inner = parseInstruction({ ...line, keyword: upper, rest: arguments_, heredocs: [] }, escapeChar)
  return 'keyword' in inner ? { ...base, keyword: 'ONBUILD', trigger: `${upper} ${arguments_}` } : inner
}

function unknownInstruction(keyword: string): Problem {
  const known = Object.keys(PARSERS)
  const close = known.find(name => name.startsWith(keyword.slice(0, 3)) || name.endsWith(keyword.slice(-3)))
  return problem(
    'DOCKERFILE_INSTRUCTION',
    `instruction "${keyword}" is unknown`,
    close === undefined ? `one of ${known.join(', ')}` : `did you mean ${close}?`,
  )
}
