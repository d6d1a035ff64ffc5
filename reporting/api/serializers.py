from rest_framework import serializers

from reporting.rates import Rates


class RowSerializer(serializers.Serializer["object"]):
    """Contacts first reached in the period, those converted within the mission's window, and the 95 % interval."""

    key = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment] # declared fields leave the class before it is made
    dials = serializers.IntegerField()
    reached = serializers.IntegerField()
    argued = serializers.IntegerField()
    converted = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="converted / reached; null when nobody was reached")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class TotalSerializer(RowSerializer):
    reached_by_several = serializers.IntegerField(
        help_text="by how much the agents' reached exceed the mission's: contacts that another agent had reached before"
    )


class RatesSerializer(serializers.Serializer[Rates]):
    mission = serializers.CharField()
    objective = serializers.CharField()
    by = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="everything saved before this moment is counted")
    rows = RowSerializer(many=True)
    total = TotalSerializer()
