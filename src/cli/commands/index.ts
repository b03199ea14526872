import type { CommandEntry, CommandGroups } from '../define-command.ts'

/** Every command, in the order of `--help`: the everyday ones first. */
export const COMMANDS: readonly CommandEntry[] = [
  entry('up', '[SERVICE...]', 'Create and start what the file describes', () => import('./up/index.ts')),
  entry('down', '[SERVICE...]', 'Stop and remove containers and networks', () => import('./down.ts')),
  entry('ps', '[SERVICE...]', 'List containers', () => import('./ps/index.ts')),
  entry('logs', '[SERVICE...]', 'Show what containers wrote', () => import('./logs/index.ts')),
  entry(
    'exec',
    '<SERVICE> <COMMAND> [ARGS...]',
    'Run a command in a running container',
    () => import('./exec/index.ts'),
  ),
  entry(
    'run',
    '<SERVICE> [COMMAND] [ARGS...]',
    'Run a container of its own for a service, once',
    () => import('./run/index.ts'),
  ),
  entry(
    'attach',
    '<SERVICE>',
    'Connect to what a running container reads and writes',
    () => import('./attach.ts'),
  ),
  entry('plan', '[SERVICE...]', 'Show what up would do, and why', () => import('./plan.ts')),
  entry('build', '[SERVICE...]', 'Build images', () => import('./build.ts')),
  entry(
    'create',
    '[SERVICE...]',
    'Create what the file describes and start nothing',
    () => import('./create.ts'),
  ),
  entry('scale', '<SERVICE=NUMBER...>', 'Set how many containers services have', () => import('./scale.ts')),
  entry('start', '[SERVICE...]', 'Start containers that exist', () => import('./start.ts')),
  entry('stop', '[SERVICE...]', 'Stop containers and keep them', () => import('./stop.ts')),
  entry('restart', '[SERVICE...]', 'Stop and start containers', () => import('./restart.ts')),
  entry('kill', '[SERVICE...]', 'Send a signal to running containers', () => import('./kill.ts')),
  entry('pause', '[SERVICE...]', 'Freeze what runs in containers', () => import('./pause.ts')),
  entry('unpause', '[SERVICE...]', 'Let frozen containers go on', () => import('./unpause.ts')),
  entry('wait', '<SERVICE...>', 'Wait until containers have ended', () => import('./wait.ts')),
  entry(
    'watch',
    '[SERVICE...]',
    'Copy, rebuild or restart as files change',
    () => import('./watch/index.ts'),
  ),
  entry('rm', '[SERVICE...]', 'Remove stopped containers', () => import('./rm.ts')),
  entry('pull', '[SERVICE...]', 'Fetch the images of services', () => import('./pull.ts')),
  entry('push', '[SERVICE...]', 'Push images that services build', () => import('./push.ts')),
  entry('top', '[SERVICE...]', 'Show the processes in containers', () => import('./top.ts')),
  entry('stats', '[SERVICE]', 'Show what containers use', () => import('./stats/index.ts')),
  entry('events', '[SERVICE...]', 'Show what happens to containers', () => import('./events.ts')),
  entry('dns', '<SERVICE...>', 'Show which names containers ask for', () => import('./dns.ts')),
  entry('egress', '[SERVICE...]', 'Show where services were kept from going', () => import('./egress.ts')),
  entry('images', '[SERVICE...]', 'List the images of containers', () => import('./images.ts')),
  entry('image ls', '[REPOSITORY[:TAG]]', 'List images', () => import('./image/ls.ts')),
  entry('image inspect', '<IMAGE...>', 'Show all of an image', () => import('./image/inspect.ts')),
  entry('image history', '<IMAGE>', 'Show how an image was made', () => import('./image/history.ts')),
  entry('image tag', '<IMAGE> <NAME[:TAG]>', 'Give an image one more name', () => import('./image/tag.ts')),
  entry('image rm', '<IMAGE...>', 'Remove images', () => import('./image/rm.ts')),
  entry('image prune', '', 'Remove images that nobody needs', () => import('./image/prune.ts')),
  entry('image save', '<IMAGE...>', 'Write images as an archive', () => import('./image/save.ts')),
  entry('image load', '', 'Load the images of an archive', () => import('./image/load.ts')),
  entry(
    'image import',
    '<FILE|URL|-> [NAME[:TAG]]',
    "Make an image of a file tree's tar",
    () => import('./image/import.ts'),
  ),
  entry('system df', '', 'Show what takes room on the disk', () => import('./system/df.ts')),
  entry('system prune', '', 'Remove all that nobody needs', () => import('./system/prune.ts')),
  entry('builder prune', '', 'Remove what builds have cached', () => import('./builder/prune.ts')),
  entry('volumes', '[SERVICE...]', 'List volumes', () => import('./volumes.ts')),
  entry('ls', '', 'List projects', () => import('./ls.ts')),
  entry('serve', '', 'Keep the engine up and give its API to others', () => import('./serve/index.ts')),
  entry('publish', '<REPOSITORY[:TAG]>', 'Publish the files as an artefact', () => import('./publish.ts')),
  entry('login', '[SERVER]', 'Log in to a registry', () => import('./login.ts')),
  entry('logout', '[SERVER]', 'Log out of a registry', () => import('./logout.ts')),
  entry('cp', '<FROM> <TO>', 'Copy files into and out of containers', () => import('./cp.ts')),
  entry('export', '<SERVICE>', "Write a container's files as a tar", () => import('./export.ts')),
  entry('commit', '<SERVICE> [IMAGE]', 'Make an image of a container', () => import('./commit.ts')),
  entry('port', '<SERVICE> <PORT>', 'Show where a port is published', () => import('./port.ts')),
  entry(
    'config',
    '[SERVICE...]',
    'Check the file and show the whole model',
    () => import('./config/index.ts'),
  ),
  entry(
    'explain',
    '<SERVICE[.KEY]>',
    'Show where a value comes from: file, line, variable, and what it overrode',
    () => import('./explain/index.ts'),
  ),
  entry(
    'convert kubernetes',
    '[SERVICE...]',
    'Write manifests, a kustomize base or a Helm chart',
    () => import('./kubernetes/convert.ts'),
  ),
  entry('lint', '[SERVICE...]', 'Warn of what bites later', () => import('./lint/index.ts')),
  entry('schema', '', 'Print the JSON Schema of the Compose file', () => import('./schema.ts')),
  entry(
    'completion',
    '<SHELL>',
    'Print a completion script for bash, zsh or fish',
    () => import('./completion.ts'),
  ),
  entry('doctor', '', 'Show what this machine has and lacks', () => import('./doctor.ts')),
  entry('version', '', 'Show the version', () => import('./version.ts')),
  entry('alpha viz', '[SERVICE...]', 'Draw what depends on what', () => import('./alpha/viz.ts')),
  entry(
    'alpha generate',
    '<CONTAINER...>',
    'Make a Compose file of containers',
    () => import('./alpha/generate.ts'),
  ),
  entry('alpha publish', '<REPOSITORY[:TAG]>', 'As publish', () => import('./publish.ts')),
  entry('bridge convert', '', 'As convert kubernetes', () => import('./bridge/convert.ts')),
  entry(
    'bridge transformations create',
    '<PATH>',
    'Make a transformation (not yet)',
    () => import('./bridge/create.ts'),
  ),
  entry(
    'bridge transformations list',
    '',
    'List transformations (not yet)',
    () => import('./bridge/list.ts'),
  ),
  alias('bridge transformations ls', '', () => import('./bridge/list.ts')),
  alias('image list', '[REPOSITORY[:TAG]]', () => import('./image/ls.ts')),
  alias('image remove', '<IMAGE...>', () => import('./image/rm.ts')),
  alias('complete', '<KIND>', () => import('./complete.ts')),
  alias('convert', '[SERVICE...]', () => import('./config/index.ts')),
]

/** What stands before the words of several commands, and what those are for. */
export const GROUPS: CommandGroups = {
  alpha: 'What may still change',
  builder: 'Care for what builds keep',
  convert: 'Write the file for other engines',
  image: 'Work with images, whatever project they are of',
  system: 'Care for what the engine keeps',
  bridge: 'Convert the file into another model',
  'bridge transformations': 'What converts it (not yet)',
}

function entry(name: string, positionals: string, summary: string, load: CommandEntry['load']): CommandEntry {
  return { name, arguments: positionals, summary, load }
}

/** Another name of a command, or what is no business of people: it works and is not shown. */
function alias(name: string, positionals: string, load: CommandEntry['load']): CommandEntry {
  return { name, arguments: positionals, summary: '', hidden: true, load }
}
