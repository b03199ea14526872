import { writeFileSync } from 'node:fs'
import type { CommandModule } from '../../command.ts'
import { openOptions, reportDiagnostics } from '../../model.ts'
import { runConfig } from './index.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const { stdout } = context.streams
  const output = raw['output']
  const out = (text: string): void => {
    if (typeof output === 'string') writeFileSync(output, text)
    else stdout.write(text)
  }
  const open = openOptions(context, {
    services,
    load: {
      interpolate: raw['interpolate'] !== false,
      normalize: raw['normalize'] !== false,
      resolvePaths: raw['pathResolution'] !== false,
      checkConsistency: raw['consistency'] !== false,
      resolveEnvironment: raw['envResolution'] !== false,
    },
  })
  return runConfig(
    { open, format: raw['format'] === 'json' ? 'json' : 'yaml', quiet: raw['quiet'] === true },
    { out, report: result => reportDiagnostics(context, result) },
  )
}
