import { decimalBytes } from '../../../notation/index.ts'
import { imageHistory } from '../../../project/storage/images.ts'
import type { ImageHistoryItem } from '../../../project/storage/types.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, flagOn, given, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { createdSince, ellipsis, shortId } from '../../views/listing/docker-text.ts'
import type { Listing } from '../../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'

const SHOWN = 45

/** `tscompose image history`. */
export const command: Command = defineCommand({
  description: 'Shows how an image was made, the latest step first.',
  options: {
    format: text('--format <format>', FORMAT_HELP),
    human: flagOn('-H, --human', 'Sizes and times for people'),
    whole: flag('--no-trunc', 'Whole ids and instructions'),
    quiet: flag('-q, --quiet', 'Ids alone'),
    platform: text('--platform <platform>', 'Of the image for this one, where the name has several'),
  },
  run: async (context, [name = ''], { format, human, whole, quiet, platform }) => {
    const render = await openFormat(steps({ human, whole, now: Date.now() }), format)
    const items = await imageHistory(targetOf(context), name, given({ platform }))
    const id = (item: ImageHistoryItem): string => `${whole ? item.Id : shortId(item.Id)}\n`
    context.streams.stdout.write(quiet ? items.map(id).join('') : render(items))
    return EXIT.ok
  },
})

interface Form {
  readonly human: boolean
  readonly whole: boolean
  /** Unix milliseconds. */
  readonly now: number
}

function steps({ human, whole, now }: Form): Listing<ImageHistoryItem> {
  return {
    fields: {
      Comment: { title: 'COMMENT', of: ({ Comment }) => Comment },
      CreatedAt: { title: 'CREATED AT', of: ({ Created }) => moment(Created) },
      CreatedBy: {
        title: 'CREATED BY',
        of: ({ CreatedBy }) => (whole ? CreatedBy : ellipsis(CreatedBy.replaceAll('\t', ' '), SHOWN)),
      },
      CreatedSince: {
        title: human ? 'CREATED' : 'CREATED AT',
        of: ({ Created }) => (human ? createdSince(Created, now) : moment(Created)),
      },
      ID: { title: 'IMAGE', of: ({ Id }) => (whole ? Id : shortId(Id)) },
      Size: { title: 'SIZE', of: ({ Size }) => (human ? decimalBytes(Size) : `${Size}`) },
    },
    columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
  }
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '')
}
