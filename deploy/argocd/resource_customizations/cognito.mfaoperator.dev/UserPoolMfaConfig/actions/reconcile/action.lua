-- Any new value asks the operator to look at the pool now. Git has no such annotation, so Argo CD sees no
-- difference.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["cognito.mfaoperator.dev/reconcile-requested-at"] = os.date("!%Y-%m-%dT%XZ")
return obj
