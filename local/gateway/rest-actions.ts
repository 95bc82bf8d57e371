/** A REST operation's shape: method, path and, if the path is ambiguous, a query parameter. */
type Route = readonly [action: string, method: string, path: RegExp];

/**
 * The REST services that the pipeline or its deployment calls, from their API references. A request that matches no
 * row is recorded as unknown, so the tests reveal a new call.
 */
const routes: Readonly<Record<string, readonly Route[]>> = {
  lambda: [
    ['InvokeFunction', 'POST', /^\/2015-03-31\/functions\/[^/]+\/invocations$/],
    ['ListFunctions', 'GET', /^\/2015-03-31\/functions\/?$/],
    ['GetFunction', 'GET', /^\/2015-03-31\/functions\/[^/]+$/],
    ['GetFunctionConfiguration', 'GET', /^\/2015-03-31\/functions\/[^/]+\/configuration$/],
    ['GetFunctionConcurrency', 'GET', /^\/2019-09-30\/functions\/[^/]+\/concurrency$/],
    ['PutFunctionConcurrency', 'PUT', /^\/2017-10-31\/functions\/[^/]+\/concurrency$/],
    ['DeleteFunctionConcurrency', 'DELETE', /^\/2017-10-31\/functions\/[^/]+\/concurrency$/],
    ['GetPolicy', 'GET', /^\/2015-03-31\/functions\/[^/]+\/policy$/],
    ['ListEventSourceMappings', 'GET', /^\/2015-03-31\/event-source-mappings\/?$/],
    ['GetEventSourceMapping', 'GET', /^\/2015-03-31\/event-source-mappings\/[^/]+$/],
    ['UpdateEventSourceMapping', 'PUT', /^\/2015-03-31\/event-source-mappings\/[^/]+$/],
    ['ListTags', 'GET', /^\/2017-03-31\/tags\/.+$/],
  ],
  scheduler: [
    ['ListSchedules', 'GET', /^\/schedules\/?$/],
    ['GetSchedule', 'GET', /^\/schedules\/[^/]+$/],
    ['CreateSchedule', 'POST', /^\/schedules\/[^/]+$/],
    ['UpdateSchedule', 'PUT', /^\/schedules\/[^/]+$/],
    ['DeleteSchedule', 'DELETE', /^\/schedules\/[^/]+$/],
    ['ListScheduleGroups', 'GET', /^\/schedule-groups\/?$/],
    ['GetScheduleGroup', 'GET', /^\/schedule-groups\/[^/]+$/],
  ],
  route53: [
    ['ChangeResourceRecordSets', 'POST', /^\/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/],
    ['ListResourceRecordSets', 'GET', /^\/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/],
    ['GetChange', 'GET', /^\/2013-04-01\/change\/[^/]+$/],
    ['GetHostedZone', 'GET', /^\/2013-04-01\/hostedzone\/[^/]+$/],
    ['ListHostedZones', 'GET', /^\/2013-04-01\/hostedzone\/?$/],
    ['CreateHostedZone', 'POST', /^\/2013-04-01\/hostedzone\/?$/],
    ['ListHostedZonesByName', 'GET', /^\/2013-04-01\/hostedzonesbyname\/?$/],
    ['GetHealthCheck', 'GET', /^\/2013-04-01\/healthcheck\/[^/]+$/],
    ['GetHealthCheckStatus', 'GET', /^\/2013-04-01\/healthcheck\/[^/]+\/status$/],
    ['TestDNSAnswer', 'GET', /^\/2013-04-01\/testdnsanswer$/],
  ],
  ses: [['SendEmail', 'POST', /^\/v2\/email\/outbound-emails$/]],
};

/** The action of a request to a REST service other than S3, or undefined. */
export function restAction(namespace: string, method: string, pathname: string): string | undefined {
  const route = routes[namespace]?.find(([, verb, path]) => verb === method && path.test(pathname));
  return route && `${namespace}:${route[0]}`;
}
