import type { Range } from '../../../diagnostics/index.ts'
import type { HealthConfig } from '../../config.ts'

/** A `<<NAME` of an instruction with the lines that follow it. */
export interface Heredoc {
  readonly name: string
  readonly content: string
  /** False when the name was quoted: variables stay as they are written. */
  readonly expand: boolean
}

/** A command in JSON form, or as a line for the stage's shell. */
export type Command =
  | { readonly form: 'exec'; readonly argv: readonly string[] }
  | { readonly form: 'shell'; readonly line: string }

/** `--name=value` before an instruction's arguments, or a bare `--name`. */
export interface Flag {
  readonly name: string
  readonly value?: string
}

/** `NAME=value`; the value is unexpanded, and absent in `ARG NAME`. */
export interface Assignment {
  readonly name: string
  readonly value?: string
}

/** What every instruction knows of its place. */
export interface InstructionBase {
  readonly range: Range
  /** The instruction on one line, as it is shown. */
  readonly text: string
  /** The keyword as it is written. */
  readonly written: string
  /** Comments right above it. */
  readonly comments: readonly string[]
  readonly hasEmptyLine: boolean
}

export interface FromInstruction extends InstructionBase {
  readonly keyword: 'FROM'
  readonly image: string
  readonly platform?: string
  /** Lower case; stage names do not tell cases apart. */
  readonly name?: string
  /** The words behind the image as they are written. */
  readonly as?: { readonly keyword: string; readonly name: string }
}

export interface ArgInstruction extends InstructionBase {
  readonly keyword: 'ARG'
  readonly assignments: readonly Assignment[]
}

export interface AssignInstruction extends InstructionBase {
  readonly keyword: 'ENV' | 'LABEL'
  readonly assignments: readonly { readonly name: string; readonly value: string }[]
  /** `NAME value`, without an equals sign. */
  readonly isOldForm: boolean
}

export interface RunInstruction extends InstructionBase {
  readonly keyword: 'RUN'
  readonly command: Command
  readonly mounts: readonly string[]
  readonly network?: string
  /** `--security=insecure`: the command has every right that the engine has. */
  readonly insecure: boolean
  /** CDI devices, as they are named. */
  readonly devices: readonly string[]
  /** Set when the whole command is one heredoc: its text is a script of its own. */
  readonly script?: string
  /** The name of that heredoc. */
  readonly scriptName?: string
}

export interface CopyInstruction extends InstructionBase {
  readonly keyword: 'COPY' | 'ADD'
  readonly sources: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: string
  readonly from?: string
  readonly chown?: string
  readonly chmod?: string
  /** The layer is made as if nothing were below it. */
  readonly link: boolean
  /** Sources keep the folders that they lie in. */
  readonly parents: boolean
  /** Patterns of what is left out of the sources. */
  readonly exclude: readonly string[]
  /** Digest that a source from the network must have. */
  readonly checksum?: string
  readonly keepGitDir: boolean
  /** Whether archives are unpacked; by default those of the context are. */
  readonly unpack?: boolean
}

export interface CommandInstruction extends InstructionBase {
  readonly keyword: 'CMD' | 'ENTRYPOINT'
  readonly command: Command
}

export interface ShellInstruction extends InstructionBase {
  readonly keyword: 'SHELL'
  readonly argv: readonly string[]
}

/** Instructions of one word that change the config alone. */
export interface WordInstruction extends InstructionBase {
  readonly keyword: 'USER' | 'STOPSIGNAL' | 'MAINTAINER'
  readonly value: string
}

export interface WorkdirInstruction extends InstructionBase {
  readonly keyword: 'WORKDIR'
  readonly value: string
}

/** Instructions of a list of words. */
export interface ListInstruction extends InstructionBase {
  readonly keyword: 'EXPOSE' | 'VOLUME'
  readonly values: readonly string[]
}

export interface HealthcheckInstruction extends InstructionBase {
  readonly keyword: 'HEALTHCHECK'
  readonly health: HealthConfig
}

export interface OnbuildInstruction extends InstructionBase {
  readonly keyword: 'ONBUILD'
  /** The instruction that a build FROM this image runs. */
  readonly trigger: string
  /** The same, read. */
  readonly instruction?: Instruction
  /** Why it cannot be read. */
  readonly flaw?: { readonly code: string; readonly summary: string; readonly hint?: string }
}

export type Instruction =
  | FromInstruction
  | ArgInstruction
  | AssignInstruction
  | RunInstruction
  | CopyInstruction
  | CommandInstruction
  | ShellInstruction
  | WordInstruction
  | WorkdirInstruction
  | ListInstruction
  | HealthcheckInstruction
  | OnbuildInstruction

/** One stage: its FROM and what follows it. */
export interface Stage {
  readonly index: number
  readonly name?: string
  readonly from: FromInstruction
  readonly instructions: readonly Exclude<Instruction, FromInstruction>[]
}

/** A whole Dockerfile. */
export interface Dockerfile {
  /** ARGs before the first FROM. */
  readonly globals: readonly ArgInstruction[]
  readonly stages: readonly Stage[]
}
