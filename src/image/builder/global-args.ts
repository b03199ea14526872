import { platformArgs } from '../defaults.ts'
import type { ArgInstruction, Dockerfile } from './dockerfile/instruction.ts'
import type { ParseResult } from './dockerfile/parse.ts'
import type { BuildOptions } from './options.ts'
import type { BuildRun } from './run-state.ts'
import type { NamedStage } from './stages.ts'
import { argValue, expanderAt } from './variables.ts'

/** What the ARGs before the first FROM get their values from. */
export interface GlobalSources {
  readonly options: BuildOptions
  readonly parsed: ParseResult
  readonly platforms: BuildRun['platforms']
  /** Is told which arguments are declared. */
  readonly usedArgs: BuildRun['usedArgs']
}

/** The ARGs before the first FROM, and those that a build has by itself. */
export function globalArgs({
  options,
  parsed: { dockerfile, escapeChar },
  platforms,
  usedArgs,
}: GlobalSources): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>(platformArgs(platforms))
  values.set('TARGETSTAGE', options.target ?? (dockerfile.stages.at(-1)?.name || 'default'))
  const declare = ({ assignments, range }: ArgInstruction): void => {
    const expander = expanderAt(range, escapeChar, name => values.get(name))
    for (const assignment of assignments) {
      usedArgs.add(assignment.name)
      const sources = { given: options.args ?? {}, globals: new Map<string, string>(), platforms }
      values.set(assignment.name, argValue(assignment, sources, expander))
    }
  }
  for (const instruction of dockerfile.globals) declare(instruction)
  return values
}

/** The stages and what each begins with: FROM sees the ARGs before the first FROM and nothing else. */
export function nameStages(
  { stages }: Dockerfile,
  escapeChar: string,
  globals: ReadonlyMap<string, string | undefined>,
): readonly NamedStage[] {
  return stages.map(stage => {
    const { range, image } = stage.from
    return { stage, image: expanderAt(range, escapeChar, name => globals.get(name)).word(image) }
  })
}
