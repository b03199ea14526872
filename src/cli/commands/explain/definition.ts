import type { CommandDefinition } from '../../command.ts'

/** `tscompose explain`. */
export const explain: CommandDefinition = {
  name: 'explain',
  arguments: '<SERVICE[.KEY]>',
  summary: 'Show where a value comes from: file, line, variable, and what it overrode',
  description:
    'Prints each value of a service, or of one key below it: where it is written, the variables in it and where each is ' +
    'set, what it overrode, and the rule behind what nobody wrote. It reads files and changes nothing.\n\n' +
    'A key is a path with dots: web.environment.DEBUG, web.ports[0].target or web.ports.0.target. A key that holds dots ' +
    'may be quoted in brackets: web.labels["a.b"]. A service that no profile enables can be explained, too.\n\n' +
    'Where no service has the name, the path starts at the top of the model: networks.front, volumes.data, name. ' +
    'services.web is the same as web.',
  options: [{ flags: '--json', help: 'The values with their origins as JSON' }],
  examples: [
    ['tscompose explain web', 'every value of web, one line each'],
    ['tscompose explain web.environment.DEBUG', 'which of .env, env_file, override and default won?'],
    ['tscompose explain web.image', 'where is that tag from?'],
    ['tscompose explain networks.default', 'what made this network, and its name?'],
    ['tscompose explain web --json', 'the same for scripts'],
  ],
  load: () => import('./run.ts'),
}
