import { constants } from 'node:os'
import { posix } from 'node:path'
import { expandPorts } from '../../notation/index.ts'
import type { ContainerConfig } from '../config.ts'
import type {
  ArgInstruction,
  AssignInstruction,
  Command,
  CommandInstruction,
  Instruction,
  ListInstruction,
} from './dockerfile/instruction.ts'
import { failureAt } from './place.ts'
import type { BuildRun } from './run-state.ts'
import type { StageState } from './state.ts'
import { argValue, type WordExpander } from './variables.ts'

/** Instructions that change the config and no file. */
export type MetadataInstruction = Exclude<
  Instruction,
  { readonly keyword: 'FROM' | 'RUN' | 'COPY' | 'ADD' | 'WORKDIR' }
>

/** Applies an instruction to its stage. */
export function applyMetadata(
  run: BuildRun,
  state: StageState,
  instruction: MetadataInstruction,
  expander: WordExpander,
): void {
  if (instruction.keyword === 'ARG') applyArg(run, state, instruction, expander)
  else applyToConfig(state, instruction, expander)
}

/** Applies one that is about the image, and not about the build. */
export function applyToConfig(
  state: StageState,
  instruction: Exclude<MetadataInstruction, ArgInstruction>,
  expander: WordExpander,
): void {
  if (instruction.keyword === 'ENV') state.setEnvironment(pairsOf(instruction, expander))
  else if (instruction.keyword === 'MAINTAINER') state.author = instruction.value
  else state.set(changeOf(state, instruction, expander))
  if (instruction.keyword === 'CMD') state.ownCommand = true
}

/** What an instruction changes in the config. */
function changeOf(
  state: StageState,
  instruction: Exclude<MetadataInstruction, ArgInstruction>,
  expander: WordExpander,
): ContainerConfig {
  const { config } = state
  switch (instruction.keyword) {
    case 'LABEL':
      return { Labels: withLabels(state, instruction, expander) }
    case 'CMD':
    case 'ENTRYPOINT':
      return commandChange(state, instruction)
    case 'SHELL':
      return { Shell: instruction.argv }
    case 'USER':
      return { User: expander.word(instruction.value) }
    case 'STOPSIGNAL':
      return { StopSignal: stopSignal(expander.word(instruction.value), instruction) }
    case 'EXPOSE':
      return { ExposedPorts: { ...config.ExposedPorts, ...exposed(instruction, expander) } }
    case 'VOLUME':
      return { Volumes: { ...config.Volumes, ...volumes(instruction, expander) } }
    case 'HEALTHCHECK':
      return { Healthcheck: instruction.health }
    case 'ONBUILD':
      return { OnBuild: [...(config.OnBuild ?? []), instruction.trigger] }
    case 'ENV':
    case 'MAINTAINER':
      return {}
  }
}

function applyArg(
  run: BuildRun,
  state: StageState,
  { assignments }: ArgInstruction,
  expander: WordExpander,
): void {
  const { globals, platforms, options } = run
  for (const { name: written, ...rest } of assignments) {
    const assignment = { ...rest, name: expander.word(written) }
    run.usedArgs.add(assignment.name)
    const value = argValue(assignment, { given: options.args ?? {}, globals, platforms }, expander)
    state.declare(assignment.name, value)
  }
}

/** All values of one ENV or LABEL see the variables from before it. */
function pairsOf(
  { assignments }: AssignInstruction,
  expander: WordExpander,
): readonly (readonly [string, string])[] {
  return assignments.map(({ name, value }) => [expander.word(name), expander.word(value)] as const)
}

function withLabels(
  state: StageState,
  instruction: AssignInstruction,
  expander: WordExpander,
): ContainerConfig['Labels'] & {} {
  return { ...state.config.Labels, ...Object.fromEntries(pairsOf(instruction, expander)) }
}

/** The words that a command becomes: itself, or its line behind the shell. */
export function commandArgv(command: Command, shell: readonly string[]): readonly string[] {
  return command.form === 'exec' ? command.argv : [...shell, command.line]
}

function commandChange(state: StageState, { keyword, command }: CommandInstruction): ContainerConfig {
  const argv = commandArgv(command, state.shell)
  if (keyword === 'CMD') return { Cmd: argv, ArgsEscaped: true }
  // The CMD of a base image was written for its own entry point.
  return { Entrypoint: argv, ...(state.ownCommand ? {} : { Cmd: null }) }
}

function stopSignal(value: string, { range }: { readonly range: Instruction['range'] }): string {
  const name = value.toUpperCase().replace(/^(?:SIG)?/, 'SIG')
  if (
    /^(?:0*[1-9]\d?|SIGRT(?:MIN|MAX)(?:[+-]\d{1,2})?)$/.test(/^\d/.test(value) ? value : name) ||
    Object.hasOwn(constants.signals, name)
  )
    return value
  throw failureAt(range, {
    code: 'DOCKERFILE_STOPSIGNAL',
    summary: `got stop signal "${value}", want a name or number`,
  })
}

/** Ports of an EXPOSE: `[[address:]host-port:]port[-port][/protocol]`; of what is before the port nothing is kept. */
export function exposed(
  { values, range }: ListInstruction,
  expander: WordExpander,
): Record<string, Record<string, never>> {
  const ports = expander.words(values).flatMap(value => {
    const named = expandPorts(value.replace(/^[^/]*:|\/$/g, ''))
    if (named.length > 0) return named
    throw failureAt(range, {
      code: 'DOCKERFILE_PORT',
      summary: `got port "${value}", want port[-port][/tcp|udp|sctp]`,
    })
  })
  return Object.fromEntries(ports.map(port => [port, {}]))
}

function volumes(
  { values, range }: ListInstruction,
  expander: WordExpander,
): Record<string, Record<string, never>> {
  const paths = values.map(value => expander.word(value))
  if (paths.some(path => path === ''))
    throw failureAt(range, { code: 'DOCKERFILE_VOLUME', summary: 'VOLUME has an empty path' })
  return Object.fromEntries(paths.map(path => [posix.normalize(path), {}]))
}
