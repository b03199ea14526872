import type { CommandDefinition, CommandEntry } from '../command.ts'
import { config } from './config/definition.ts'
import { exec } from './exec/definition.ts'
import { explain } from './explain/definition.ts'
import { lint } from './lint/definition.ts'
import { logs } from './logs/definition.ts'
import { plan } from './plan/definition.ts'
import { ps } from './ps/definition.ts'
import { up } from './up/definition.ts'

/** Every command, in the order of `--help`: the everyday ones first. */
export const COMMANDS: readonly (CommandDefinition | CommandEntry)[] = [
  up,
  entry('down', '[SERVICE...]', 'Stop and remove containers and networks', () => import('./down.ts')),
  ps,
  logs,
  exec,
  plan,
  entry('build', '[SERVICE...]', 'Build images', () => import('./build.ts')),
  entry('start', '[SERVICE...]', 'Start containers that exist', () => import('./start.ts')),
  entry('stop', '[SERVICE...]', 'Stop containers and keep them', () => import('./stop.ts')),
  entry('restart', '[SERVICE...]', 'Stop and start containers', () => import('./restart.ts')),
  entry('kill', '[SERVICE...]', 'Send a signal to running containers', () => import('./kill.ts')),
  entry('rm', '[SERVICE...]', 'Remove stopped containers', () => import('./rm.ts')),
  entry('port', '<SERVICE> <PORT>', 'Show where a port is published', () => import('./port.ts')),
  config,
  explain,
  lint,
  entry('schema', '', 'Print the JSON Schema of the Compose file', () => import('./schema.ts')),
  entry('version', '', 'Show the version', () => import('./version.ts')),
]

function entry(name: string, positionals: string, summary: string, load: CommandEntry['load']): CommandEntry {
  return { name, arguments: positionals, summary, load }
}
