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

local function waiting(message)
  return { status = "Progressing", message = message }
end

local generation = obj.metadata.generation
-- A status of an older generation (-1 before the first look) tells nothing of this spec: it must not count as
-- Healthy, nor as Degraded, because the change may be the cure.
if obj.status == nil or obj.status.observedGeneration ~= generation then
  return waiting("The operator has not acted on generation " .. tostring(generation) .. " yet")
end

local stalled = found("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return said("Degraded", stalled)
end

local ready = found("Ready")
if ready == nil or ready.observedGeneration ~= generation then
  return waiting("The status has no condition Ready for this generation yet")
end
if ready.reason == "Suspended" then
  return said("Suspended", ready)
end
local reconciling = found("Reconciling")
if ready.status == "True" and (reconciling == nil or reconciling.status ~= "True") then
  return said("Healthy", ready)
end
return said("Progressing", reconciling or ready)
