-- Argo CD itself calls an object that is being deleted Progressing: this is not asked then.

local function found(kind)
  for _, condition in ipairs(obj.status.conditions or {}) do
    if condition.type == kind then
      return condition
    end
  end
  return nil
end

local function said(status, condition)
  return { status = status, message = condition.reason .. ": " .. condition.message }
end

local generation = obj.metadata.generation
-- -1 until the operator has looked at the object for the first time. A status of an older generation tells nothing of
-- this spec, so it must not count as Healthy (nor as Degraded: the change may be the cure).
if obj.status == nil or obj.status.observedGeneration ~= generation then
  return { status = "Progressing", message = "The operator has not acted on generation " .. tostring(generation) .. " yet" }
end

local stalled = found("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return said("Degraded", stalled)
end

local ready = found("Ready")
if ready == nil or ready.observedGeneration ~= generation then
  return { status = "Progressing", message = "The status has no condition Ready for this generation yet" }
end
if ready.reason == "Suspended" then
  return said("Suspended", ready)
end
local reconciling = found("Reconciling")
if ready.status == "True" and (reconciling == nil or reconciling.status ~= "True") then
  return said("Healthy", ready)
end
return said("Progressing", reconciling or ready)
