import { renderGrouped } from '../diagnostics/index.ts'
import type { Target } from '../project/target.ts'
import type { CommandContext } from './command.ts'
import { useColor } from './global-options.ts'

/** The project that the global options mean; what its files have in them that is no error is printed as it is found. */
export function targetOf(context: CommandContext): Target {
  const { cwd, env, globals, pid, readInput, streams } = context
  const { files, envFiles, profiles, projectName, instance, projectDirectory, allResources } = globals
  return {
    cwd,
    env,
    files,
    envFiles,
    profiles,
    allResources,
    stdin: readInput,
    pid,
    ...(projectName === undefined ? {} : { projectName }),
    ...(instance === undefined ? {} : { instance }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    onDiagnostics: (diagnostics, sources) => {
      const color = useColor(globals, streams.stderr, env)
      streams.stderr.write(
        `${renderGrouped(diagnostics, { color, sourceOf: file => sources.get(file), elsewhere: 'tscompose lint --all shows them' })}\n`,
      )
    },
  }
}
