import type { CommandDefinition } from '../../command.ts'

/** `tscompose port`. */
export const port: CommandDefinition = {
  name: 'port',
  arguments: '<SERVICE> <PORT>',
  summary: 'Show where a port is published',
  description: "Prints the host's address and port for a port of a service, as ADDRESS:PORT.",
  options: [
    { flags: '--protocol <protocol>', help: 'tcp or udp', choices: ['tcp', 'udp'] },
    { flags: '--index <number>', help: 'This container of a service that has several', value: 'number' },
  ],
  examples: [['tscompose port web 80', '0.0.0.0:8080']],
  load: () => import('./run.ts'),
}
