import { Fault } from '../../protocol/fault.ts';
import { action } from '../action.ts';
import { page } from '../pages.ts';

const minuteMs = 60_000;
const KEPT_MINUTES = 14 * 24 * 60;

export const describeEvents = action('DescribeEvents', {
  parameters: [
    'Duration',
    'EndTime',
    'EventCategories',
    'Marker',
    'MaxRecords',
    'SourceIdentifier',
    'SourceType',
    'StartTime',
  ],
  perform(call, input) {
    const { SourceIdentifier, SourceType, EventCategories } = input;
    if (SourceIdentifier !== undefined && SourceType === undefined) {
      throw new Fault('InvalidParameterCombination', 'SourceType must be provided with SourceIdentifier.');
    }
    if (input.Duration !== undefined && (input.StartTime || input.EndTime))
      throw new Fault(
        'InvalidParameterCombination',
        'Either Duration or StartTime and EndTime can be given.',
      );
    if (input.Duration !== undefined && input.Duration > KEPT_MINUTES)
      throw new Fault('InvalidParameterValue', `Events are kept for 14 days, ${KEPT_MINUTES} minutes.`);
    const now = call.service.clock();
    const end = input.EndTime ?? now;
    const start = input.StartTime ?? new Date(end.getTime() - (input.Duration ?? 60) * minuteMs);
    if (start > end)
      throw new Fault('InvalidParameterCombination', 'StartTime must not be later than EndTime.');
    const found = call.service.state.events
      .list(call, now)
      .map((event, index) => ({ event, key: String(index).padStart(9, '0') }))
      .filter(({ event }) => event.Date >= start && event.Date <= end)
      .filter(({ event }) => SourceType === undefined || event.SourceType === SourceType)
      .filter(
        ({ event }) =>
          SourceIdentifier === undefined || event.SourceIdentifier === SourceIdentifier.toLowerCase(),
      )
      .filter(
        ({ event }) =>
          !EventCategories?.length || event.EventCategories?.some((one) => EventCategories.includes(one)),
      );
    const { items, ...marker } = page(found, ({ key }) => key, input);
    return { ...marker, Events: items.map(({ event }) => event) };
  },
});
