import { parseSwitch } from '../../notation/index.ts'
import { down } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, flag, given, hidden, number } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose down`. */
export const command: Command = defineCommand({
  description:
    'Stops in reverse order of depends_on and removes what up made. Volumes stay unless -v is given; images stay unless --rmi is.',
  options: {
    volumes: flag('-v, --volumes', 'Remove named and anonymous volumes, too: their data is lost'),
    volume: hidden(flag('--volume', '')),
    removeOrphans: flag('--remove-orphans', 'Remove containers of services that the file no longer has'),
    images: choice('--rmi <which>', 'Remove images: local = those without a name of their own, all', [
      'local',
      'all',
    ]),
    timeout: number('-t, --timeout <seconds>', 'Grace period of a stop, instead of stop_grace_period'),
  },
  examples: [
    ['tscompose down', 'stop and remove, keep the data'],
    ['tscompose down -v', 'as if it had never been'],
  ],
  run: async (context, services, { volumes, volume, removeOrphans, images, timeout }) => {
    await showWork(context, { whenEmpty: plan => `Nothing to remove for project ${plan.project}` }, work =>
      down(targetOf(context), {
        ...work,
        services,
        volumes: volumes || volume,
        removeOrphans: removeOrphans || parseSwitch(context.env['COMPOSE_REMOVE_ORPHANS']) === true,
        ...given({ images, timeout }),
      }),
    )
    return EXIT.ok
  },
})
